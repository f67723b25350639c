"""The visits of one camera's faces: who came, how their mood changed, who left; each enter has exactly one leave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from emotiond.mood.steady import MOODS, Steadiness, SteadyMoods
from emotiond.records import Event, EventKind, Face, FaceMood, Reading, Track

Shares = dict[str, float]

#: A time constant is no shorter than this.
SHORTEST_SECONDS: Final = 0.01


@dataclass(frozen=True)
class Manners:
    """When a face is greeted and whom it is taken for."""

    steadiness: Steadiness
    #: How long an ``enter`` waits at most for a first mood that is firm.
    enter_wait_seconds: float
    #: From this probability of ``not_a_face`` on, a reading is none.
    reject_above: float
    #: How long a face that is out of sight counts in the mood of the room: the time constant of its weight, at most and
    #: as a share of the time that it was in sight before. Who was there for long is not gone when somebody walks past.
    hidden_seconds: float = 2.0
    hidden_share: float = 0.3


@dataclass(slots=True)
class _Visit:
    row: int
    face: Face
    size_pixels: tuple[int, int]
    #: When it began; once the face has entered, when it entered.
    began_seconds: float
    seen_seconds: float
    entered: bool = False
    #: Readings so far, and the sum of their probabilities of ``not_a_face``.
    looks: int = 0
    not_a_face: float = 0.0


class Visits:
    """Turns tracks and readings into moods and events; all times come from the frames."""

    def __init__(self, camera: str, manners: Manners) -> None:
        self._camera = camera
        self._manners = manners
        self._moods = SteadyMoods(manners.steadiness)
        self._visits: dict[int, _Visit] = {}
        # Seconds that each visit has spent in each mood, f64 (rows, 8).
        self._spent = np.zeros((0, len(MOODS)))

    def update(
        self,
        tracks: Sequence[Track],
        readings: Sequence[Reading | None],
        gone: Iterable[int],
        size_pixels: tuple[int, int],
        time_seconds: float,
    ) -> tuple[list[FaceMood], list[Event]]:
        """Take in one frame of (width, height) pixels; return the faces in view and what happened.

        ``readings`` has one entry for each of ``tracks``: None where the face was not read in this frame.
        """
        events = self._leave(gone)
        visits = [self._look(track, size_pixels, time_seconds) for track in tracks]
        changed = self._read(visits, readings, time_seconds)
        for track, visit in zip(tracks, visits, strict=True):
            if not visit.entered:
                if self._ready(visit, time_seconds):
                    events.append(self._enter(track.number, visit, time_seconds))
            elif visit.row in changed:
                events.append(self._event(EventKind.CHANGE, track.number, visit, previous=changed[visit.row]))
        seen = [(track.number, visit) for track, visit in zip(tracks, visits, strict=True)]
        return self._faces(seen, time_seconds), events

    def hidden(self, time_seconds: float) -> list[FaceMood]:
        """Return the faces that are out of sight and have not left; the longer they are, the less they count."""
        away = [(number, visit) for number, visit in self._visits.items() if visit.seen_seconds < time_seconds]
        return self._faces(away, time_seconds)

    def tune(self, steadiness: Steadiness) -> None:
        """Believe faster or slower from now on, of those in view as well."""
        self._moods.steadiness = steadiness

    def take_over(self, before: Visits) -> None:
        """Go on with the visits of ``before``, which may have other manners; it must not be used any more."""
        self._visits, self._spent = before._visits, before._spent
        self._moods.take_over(before._moods)

    def end(self) -> list[Event]:
        """Let everybody leave: the camera has gone, the service stops, or it is about to be set up anew."""
        return self._leave(list(self._visits))

    def _look(self, track: Track, size_pixels: tuple[int, int], time_seconds: float) -> _Visit:
        visit = self._visits.get(track.number)
        if visit is None:
            visit = _Visit(self._moods.begin(), track.face, size_pixels, time_seconds, time_seconds)
            self._visits[track.number] = visit
            if visit.row >= len(self._spent):
                self._spent = np.concatenate([self._spent, np.zeros((visit.row + 1, len(MOODS)))])
            self._spent[visit.row] = 0.0
        visit.face, visit.size_pixels = track.face, size_pixels
        return visit

    def _read(
        self, visits: Sequence[_Visit], readings: Sequence[Reading | None], time_seconds: float
    ) -> dict[int, str]:
        """Take in the readings; return the rows whose mood has changed, each with the mood that stood before."""
        self._account(visits, time_seconds)
        read = [(visit, reading) for visit, reading in zip(visits, readings, strict=True) if reading is not None]
        if not read:
            return {}
        rows = np.array([visit.row for visit, _ in read], np.intp)
        scores = np.array([reading.scores for _, reading in read], np.float64)
        not_a_face = [reading.not_a_face for _, reading in read]
        # A single bad look at a face that is known says nothing about its mood; many make it unknown.
        reject_above = self._manners.reject_above
        quality = np.array([0.0 if r.not_a_face > reject_above else r.quality for _, r in read], np.float64)
        for (visit, _), doubt in zip(read, not_a_face, strict=True):
            visit.looks += 1
            visit.not_a_face += doubt
        before = self._moods.update(rows, scores, quality, time_seconds)
        changed = np.flatnonzero(before != self._moods.stands(rows))
        return {int(rows[n]): MOODS[before[n]] for n in changed}

    def _account(self, visits: Sequence[_Visit], time_seconds: float) -> None:
        """Book the time since each was seen last under the mood that stood then."""
        rows = np.array([visit.row for visit in visits], np.intp)
        elapsed = np.array([time_seconds - visit.seen_seconds for visit in visits], np.float64)
        self._spent[rows, self._moods.stands(rows)] += np.maximum(elapsed, 0.0)
        for visit in visits:
            visit.seen_seconds = max(visit.seen_seconds, time_seconds)

    def _ready(self, visit: _Visit, time_seconds: float) -> bool:
        # What looks like no face on average never enters.
        if visit.looks == 0 or visit.not_a_face > self._manners.reject_above * visit.looks:
            return False
        waited = time_seconds - visit.began_seconds >= self._manners.enter_wait_seconds
        return waited or self._moods.settled(visit.row)

    def _enter(self, number: int, visit: _Visit, time_seconds: float) -> Event:
        self._moods.decide_now(visit.row)
        self._spent[visit.row] = 0.0
        visit.entered, visit.began_seconds = True, time_seconds
        return self._event(EventKind.ENTER, number, visit)

    def _leave(self, numbers: Iterable[int]) -> list[Event]:
        events = []
        for number in numbers:
            visit = self._visits.pop(number, None)
            if visit is None:
                continue
            if visit.entered:
                events.append(self._event(EventKind.LEAVE, number, visit, shares=self._shares(visit)))
            self._moods.end(visit.row)
        return events

    def _event(
        self, kind: EventKind, number: int, visit: _Visit, previous: str | None = None, shares: Shares | None = None
    ) -> Event:
        box = visit.face.box.fractions_of(*visit.size_pixels)
        lasted, mood = max(0.0, visit.seen_seconds - visit.began_seconds), self._moods.mood(visit.row)
        return Event(kind, self._camera, number, visit.seen_seconds, box, mood, previous, lasted, shares or {})

    def _shares(self, visit: _Visit) -> Shares:
        spent = self._spent[visit.row]
        total = float(spent.sum())
        if total <= 0.0:
            return {self._moods.mood(visit.row).emotion: 1.0}
        return {name: float(seconds) / total for name, seconds in zip(MOODS, spent, strict=True) if seconds > 0.0}

    def _faces(self, visits: Iterable[tuple[int, _Visit]], time_seconds: float) -> list[FaceMood]:
        """Tell the faces of those that have entered, each with its number; who is out of sight counts less."""
        entered = [(number, visit) for number, visit in visits if visit.entered]
        if not entered:
            return []
        rows = [visit.row for _, visit in entered]
        return [
            FaceMood(visit.face, mood, number, weight=quality * self._fading(visit, time_seconds))
            for (number, visit), mood, quality in zip(
                entered, self._moods.moods(rows), self._moods.qualities(rows), strict=True
            )
        ]

    def _fading(self, visit: _Visit, time_seconds: float) -> float:
        """Return what a face still counts that is out of sight, 0..1; one that is not counts as ever."""
        away_seconds = time_seconds - visit.seen_seconds
        if away_seconds <= 0.0:
            return 1.0
        manners, stayed_seconds = self._manners, visit.seen_seconds - visit.began_seconds
        lasts = max(min(manners.hidden_seconds, manners.hidden_share * stayed_seconds), SHORTEST_SECONDS)
        return math.exp(-away_seconds / lasts)
