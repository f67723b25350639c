"""The mood of the room: the average over all faces in view of their sharpened probabilities, each by its view."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.mood.steady import mood_of
from emotiond.records import EMOTIONS, FaceMood, Mood, RoomMood, Scores

#: Frames that a window remembers at most; at higher rates it becomes shorter.
LONGEST_WINDOW: Final = 1024
#: What a face counts at least, so that a room full of badly seen faces still has a mood.
LEAST_WEIGHT: Final = 0.02
#: The power that a face's probabilities are raised to: who looks happy for sure counts as happy, not as 0.8 of it. An
#: average of what is left open would draw every room towards the usual one.
SHARPNESS: Final = 2.0


@dataclass(frozen=True)
class RoomManners:
    """How steady the mood of the room is."""

    #: Length of the window that the average slides over.
    window_seconds: float
    #: How far another emotion must lead the one that stands before it takes over,
    change_margin: float
    #: and for how long.
    change_dwell_seconds: float


def room_mood(faces: Sequence[FaceMood]) -> RoomMood:
    """Average over ``faces``, those that were rejected left out; an empty room has no mood."""
    counted = _counted(faces)
    if not counted:
        return RoomMood(0, None)
    return RoomMood(len(counted), mood_of(_mean(counted).astype(np.float32), unknown_below=0.0))


class Room:
    """The mood of one camera's room over time; an empty room forgets."""

    def __init__(self, manners: RoomManners) -> None:
        self._manners = manners
        self._forget()

    def update(self, faces: Sequence[FaceMood], time_seconds: float, hidden: Sequence[FaceMood] = ()) -> RoomMood:
        """Take in the faces of one frame, and those that are ``hidden`` in it; a room in which none is seen is empty."""
        counted = _counted(faces)
        if not counted:
            self._forget()
            return RoomMood(0, None)
        self._remember(_mean([*counted, *hidden]), time_seconds)
        scores = (self._sum / len(self._window)).astype(np.float32)
        stands = self._decide(scores, time_seconds)
        return RoomMood(len(counted), Mood(EMOTIONS[stands], float(scores[stands]), scores))

    def _forget(self) -> None:
        self._window: deque[tuple[float, NDArray[np.float64]]] = deque()
        self._sum = np.zeros(len(EMOTIONS))
        self._stands: int | None = None
        self._challenger: int | None = None
        self._challenged_seconds = 0.0

    def _remember(self, mean: NDArray[np.float64], time_seconds: float) -> None:
        self._window.append((time_seconds, mean))
        self._sum = self._sum + mean
        while len(self._window) > LONGEST_WINDOW or (
            len(self._window) > 1 and time_seconds - self._window[0][0] > self._manners.window_seconds
        ):
            self._sum = self._sum - self._window.popleft()[1]
        if len(self._window) == 1:
            # Nothing of what rounding has left behind stays.
            self._sum = mean

    def _decide(self, scores: Scores, time_seconds: float) -> int:
        leader = int(scores.argmax())
        if self._stands is None:
            self._stands = leader
        ahead = float(scores[leader] - scores[self._stands])
        if leader == self._stands or ahead < self._manners.change_margin:
            self._challenger = None
            return self._stands
        if leader != self._challenger:
            self._challenger, self._challenged_seconds = leader, time_seconds
        if time_seconds - self._challenged_seconds >= self._manners.change_dwell_seconds:
            self._stands, self._challenger = leader, None
        return self._stands


def _counted(faces: Sequence[FaceMood]) -> list[FaceMood]:
    return [face for face in faces if not face.rejected]


def _mean(counted: Sequence[FaceMood]) -> NDArray[np.float64]:
    weights = np.array([max(face.weight, LEAST_WEIGHT) for face in counted])
    scores = np.array([face.mood.scores for face in counted], np.float64) ** SHARPNESS
    scores /= scores.sum(axis=1, keepdims=True)
    mean: NDArray[np.float64] = (weights @ scores) / weights.sum()
    return mean
