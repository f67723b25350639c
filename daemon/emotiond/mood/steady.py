"""One face's mood without flicker: an average over time, and a change only when it has truly changed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from emotiond.records import EMOTIONS, UNKNOWN, Mood, Scores


@dataclass(frozen=True)
class Steadiness:
    """How slow to believe."""

    #: Time constant of the average over the readings.
    time_constant_seconds: float
    #: How far another emotion must lead before it may take over,
    change_margin: float
    #: and for how long.
    change_dwell_seconds: float
    #: Below this confidence a mood is ``unknown``.
    unknown_below: float


def mood_of(scores: Scores, unknown_below: float) -> Mood:
    """Return the most probable emotion, or ``unknown`` where it is not probable enough."""
    best = int(np.argmax(scores))
    confidence = float(scores[best])
    return Mood(EMOTIONS[best] if confidence >= unknown_below else UNKNOWN, confidence, scores)


class SteadyMood:
    """The mood of one face over time."""

    def __init__(self, steadiness: Steadiness, scores: Scores, time_seconds: float) -> None:
        #: May be replaced between two readings.
        self.steadiness = steadiness
        self._scores = scores
        self._time_seconds = time_seconds
        self._challenger: str | None = None
        self._challenged_seconds = time_seconds
        self.mood = mood_of(scores, steadiness.unknown_below)

    def update(self, scores: Scores, time_seconds: float) -> str | None:
        """Take in a reading; return the emotion that stood before where the mood has changed, else None."""
        elapsed = max(0.0, time_seconds - self._time_seconds)
        weight = -math.expm1(-elapsed / self.steadiness.time_constant_seconds)
        self._scores = (self._scores + np.float32(weight) * (scores - self._scores)).astype(np.float32)
        self._time_seconds = time_seconds
        previous = self.mood.emotion
        emotion = self._emotion_now(time_seconds)
        self.mood = Mood(emotion, self._confidence_in(emotion), self._scores)
        return previous if emotion != previous else None

    def _emotion_now(self, time_seconds: float) -> str:
        stands = self.mood.emotion
        leader = mood_of(self._scores, self.steadiness.unknown_below)
        ahead = leader.confidence - self._confidence_in(stands)
        # Between known emotions the leader needs a margin; to and from `unknown` the threshold itself decides.
        convincing = UNKNOWN in (stands, leader.emotion) or ahead >= self.steadiness.change_margin
        if leader.emotion == stands or not convincing:
            self._challenger = None
            return stands
        if leader.emotion != self._challenger:
            self._challenger, self._challenged_seconds = leader.emotion, time_seconds
        if time_seconds - self._challenged_seconds < self.steadiness.change_dwell_seconds:
            return stands
        self._challenger = None
        return leader.emotion

    def _confidence_in(self, emotion: str) -> float:
        return float(self._scores.max() if emotion == UNKNOWN else self._scores[EMOTIONS.index(emotion)])
