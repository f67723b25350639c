"""The visits of one camera's faces: who came, how their mood changed, who left; each enter has exactly one leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from emotiond.mood.steady import Steadiness, SteadyMood
from emotiond.records import Box, Event, EventKind, FaceMood, Reading, Track


@dataclass
class _Visit:
    steady: SteadyMood
    box: Box
    entered_seconds: float
    seen_seconds: float
    seconds_per_emotion: dict[str, float] = field(default_factory=dict)

    def account(self, time_seconds: float) -> None:
        """Book the time since the last look under the mood that stood then."""
        emotion = self.steady.mood.emotion
        spent = max(0.0, time_seconds - self.seen_seconds)
        self.seconds_per_emotion[emotion] = self.seconds_per_emotion.get(emotion, 0.0) + spent
        self.seen_seconds = time_seconds

    def shares(self) -> dict[str, float]:
        """Share of the visit spent in each mood."""
        total = sum(self.seconds_per_emotion.values())
        if total <= 0.0:
            return {self.steady.mood.emotion: 1.0}
        return {emotion: spent / total for emotion, spent in self.seconds_per_emotion.items()}


class Visits:
    """Turns tracks and readings into moods and events; all times come from the frames."""

    def __init__(self, camera: str, steadiness: Steadiness, reject_above: float) -> None:
        self._camera = camera
        self._steadiness = steadiness
        self._reject_above = reject_above
        self._visits: dict[int, _Visit] = {}

    def update(
        self,
        tracks: Sequence[Track],
        readings: Sequence[Reading],
        gone: Iterable[int],
        size_pixels: tuple[int, int],
        time_seconds: float,
    ) -> tuple[list[FaceMood], list[Event]]:
        """Take in one frame of (width, height) pixels; return the faces in view and what happened."""
        events = self._leave(gone)
        faces = []
        for track, reading in zip(tracks, readings, strict=True):
            events += self._look(track, reading, size_pixels, time_seconds)
            visit = self._visits.get(track.number)
            if visit is not None:
                faces.append(FaceMood(track.face, visit.steady.mood, track.number))
        return faces, events

    def tune(self, steadiness: Steadiness) -> None:
        """Believe faster or slower from now on, of those in view as well."""
        self._steadiness = steadiness
        for visit in self._visits.values():
            visit.steady.steadiness = steadiness

    def end(self) -> list[Event]:
        """Let everybody leave: the camera has gone or the service stops."""
        return self._leave(list(self._visits))

    def _look(self, track: Track, reading: Reading, size_pixels: tuple[int, int], time_seconds: float) -> list[Event]:
        rejected = reading.not_a_face > self._reject_above
        visit = self._visits.get(track.number)
        box = track.face.box.fractions_of(*size_pixels)
        if visit is None:
            if rejected:
                return []
            visit = _Visit(SteadyMood(self._steadiness, reading.scores, time_seconds), box, time_seconds, time_seconds)
            self._visits[track.number] = visit
            return [Event(EventKind.ENTER, self._camera, track.number, time_seconds, box, visit.steady.mood)]
        visit.account(time_seconds)
        visit.box = box
        # A single bad look at a face that is known says nothing about its mood.
        previous = None if rejected else visit.steady.update(reading.scores, time_seconds)
        if previous is None:
            return []
        lasted = time_seconds - visit.entered_seconds
        mood = visit.steady.mood
        return [Event(EventKind.CHANGE, self._camera, track.number, time_seconds, box, mood, previous, lasted)]

    def _leave(self, numbers: Iterable[int]) -> list[Event]:
        events = []
        for number in numbers:
            visit = self._visits.pop(number, None)
            if visit is None:
                continue
            lasted = visit.seen_seconds - visit.entered_seconds
            mood, shares = visit.steady.mood, visit.shares()
            events.append(
                Event(EventKind.LEAVE, self._camera, number, visit.seen_seconds, visit.box, mood, None, lasted, shares)
            )
        return events
