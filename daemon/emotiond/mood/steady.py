"""The steady mood of every face of a camera: a change only when it has truly changed, and an honest ``unknown``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.mood.belief import Evidence, Floats, believe
from emotiond.records import EMOTIONS, UNKNOWN, Mood, Scores

#: The moods by their index in every array here: the seven emotions, then ``unknown``.
MOODS: Final = (*EMOTIONS, UNKNOWN)
_UNKNOWN: Final = len(EMOTIONS)
_LONG_AGO: Final = 1e6
#: Which faces: their rows.
Rows = list[int] | NDArray[np.intp]


@dataclass(frozen=True)
class Steadiness:
    """How slow to believe."""

    evidence: Evidence
    #: How far another emotion must lead, as a difference of probabilities, before it may take over,
    change_margin: float
    #: and for how long.
    change_dwell_seconds: float
    #: Time constant of the share of readings that could be read at all.
    clarity_seconds: float
    #: Where that share of the best probability falls below this a mood is ``unknown``,
    unknown_below: float
    #: and known again once it is this much above.
    unknown_hysteresis: float


def mood_of(scores: Scores, unknown_below: float) -> Mood:
    """Return the most probable emotion, or ``unknown`` where it is not probable enough."""
    best = int(np.argmax(scores))
    confidence = float(scores[best])
    return Mood(EMOTIONS[best] if confidence >= unknown_below else UNKNOWN, confidence, scores)


@dataclass
class _Columns:
    """One element, or one row, for each face."""

    belief: Floats
    #: Share of the readings that could be read, 0..1.
    clarity: Floats
    #: Average quality of the readings.
    quality: Floats
    #: Index into ``MOODS`` of what stands, and of what would take its place.
    stands: NDArray[np.int64]
    challenger: NDArray[np.int64]
    challenged_seconds: Floats
    read_seconds: Floats

    @classmethod
    def blank(cls, count: int) -> _Columns:
        """Return ``count`` faces of which nothing is known."""
        return cls(
            np.full((count, len(EMOTIONS)), 1.0 / len(EMOTIONS)),
            np.zeros(count),
            np.zeros(count),
            np.full(count, _UNKNOWN, np.int64),
            np.full(count, _UNKNOWN, np.int64),
            np.zeros(count),
            np.full(count, -_LONG_AGO),
        )


class SteadyMoods:
    """The moods of many faces over time, each in a row of its own."""

    def __init__(self, steadiness: Steadiness) -> None:
        #: May be replaced between two readings.
        self.steadiness = steadiness
        self._columns = _Columns.blank(16)
        self._free = list(range(15, -1, -1))

    def take_over(self, before: SteadyMoods) -> None:
        """Go on with the faces of ``before``, in their rows."""
        self._columns, self._free = before._columns, before._free

    def begin(self) -> int:
        """Return the row of a new face."""
        if not self._free:
            count = len(self._columns.stands)
            blank = _Columns.blank(count)
            for field in fields(_Columns):
                grown = np.concatenate([getattr(self._columns, field.name), getattr(blank, field.name)])
                setattr(self._columns, field.name, grown)
            self._free = list(range(2 * count - 1, count - 1, -1))
        return self._free.pop()

    def end(self, row: int) -> None:
        """Give a row back."""
        blank = _Columns.blank(1)
        for field in fields(_Columns):
            getattr(self._columns, field.name)[row] = getattr(blank, field.name)[0]
        self._free.append(row)

    def update(self, rows: NDArray[np.intp], scores: Floats, quality: Floats, time_seconds: float) -> NDArray[np.int64]:
        """Take in the readings f64 (n, 7) of the faces ``rows``; return the index of what stood before, i64 (n,)."""
        columns, steadiness = self._columns, self.steadiness
        elapsed = np.maximum(time_seconds - columns.read_seconds[rows], 0.0)
        belief = believe(columns.belief[rows], scores, quality, elapsed, steadiness.evidence)
        share = -np.expm1(-elapsed / steadiness.clarity_seconds)
        clarity = columns.clarity[rows]
        clarity += share * ((quality > 0.0) - clarity)
        columns.quality[rows] += share * (quality - columns.quality[rows])
        columns.belief[rows], columns.clarity[rows], columns.read_seconds[rows] = belief, clarity, time_seconds
        before = columns.stands[rows]
        columns.stands[rows] = self._decide(rows, before, self._wanted(belief, clarity, before), time_seconds)
        return before

    def settled(self, row: int) -> bool:
        """Say whether the belief about a face is firm enough to have changed a mood."""
        belief = np.sort(self._columns.belief[row])
        return bool(belief[-1] - belief[-2] >= self.steadiness.change_margin)

    def decide_now(self, row: int) -> None:
        """Let stand what is most probable, without waiting: a face's first mood changes no other one."""
        columns = self._columns
        best = int(columns.belief[row].argmax())
        clear = columns.belief[row, best] * columns.clarity[row] >= self.steadiness.unknown_below
        columns.stands[row] = columns.challenger[row] = best if clear else _UNKNOWN

    def mood(self, row: int) -> Mood:
        """Return the mood that stands."""
        return self.moods([row])[0]

    def moods(self, rows: Rows) -> list[Mood]:
        """Return the moods that stand, one for each of ``rows``."""
        columns = self._columns
        belief = columns.belief[rows]
        stands = columns.stands[rows]
        known = np.minimum(stands, _UNKNOWN - 1)
        sure = np.where(stands == _UNKNOWN, belief.max(axis=1), belief[np.arange(len(rows)), known]).tolist()
        scores = belief.astype(np.float32)
        return [Mood(MOODS[index], sure[n], scores[n]) for n, index in enumerate(stands.tolist())]

    def stands(self, rows: Rows) -> NDArray[np.int64]:
        """Return the index of the mood that stands, i64 (n,), one for each of ``rows``."""
        return self._columns.stands[rows]

    def qualities(self, rows: Rows) -> list[float]:
        """Return how well each of ``rows`` is seen, 0..1."""
        quality: list[float] = self._columns.quality[rows].tolist()
        return quality

    def _wanted(self, belief: Floats, clarity: Floats, stands: NDArray[np.int64]) -> NDArray[np.int64]:
        steadiness = self.steadiness
        each = np.arange(len(stands))
        leader = belief.argmax(axis=1)
        known = stands != _UNKNOWN
        ahead = belief[each, leader] - belief[each, np.minimum(stands, _UNKNOWN - 1)]
        floor = np.where(known, steadiness.unknown_below, steadiness.unknown_below + steadiness.unknown_hysteresis)
        clear = belief[each, leader] * clarity >= floor
        convincing = ~known | (ahead >= steadiness.change_margin)
        return np.where(clear, np.where(convincing, leader, stands), _UNKNOWN)

    def _decide(
        self, rows: NDArray[np.intp], before: NDArray[np.int64], wanted: NDArray[np.int64], time_seconds: float
    ) -> NDArray[np.int64]:
        columns = self._columns
        same = wanted == columns.challenger[rows]
        since = np.where(same, columns.challenged_seconds[rows], time_seconds)
        columns.challenger[rows], columns.challenged_seconds[rows] = wanted, since
        waited = time_seconds - since >= self.steadiness.change_dwell_seconds
        return np.where(waited, wanted, before)
