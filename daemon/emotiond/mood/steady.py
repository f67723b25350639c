"""The steady mood of every face of a camera: a change only when it has truly changed, and an honest ``unknown``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.mood.belief import Floats, blend
from emotiond.records import EMOTIONS, UNKNOWN, Mood, Scores

#: The moods by their index in every array here: the seven emotions, then ``unknown``.
MOODS: Final = (*EMOTIONS, UNKNOWN)
_UNKNOWN: Final = len(EMOTIONS)
#: What a first reading is worth: as much as one that comes so long after another.
FIRST_SECONDS: Final = 0.1
#: Lead of the first mood, times what its average is worth, from which it is firm.
FIRM_LEAD: Final = 0.8
#: Which faces: their rows.
Rows = list[int] | NDArray[np.intp]


@dataclass(frozen=True)
class Steadiness:
    """How slow to believe."""

    #: What a face was read as lately is an average over so long, what it is usually read as over so long.
    recent_seconds: float
    usual_seconds: float
    #: How far another emotion must lead lately, as a difference of probabilities, before it may take over,
    change_margin: float
    #: how much further than it usually does, for the change to be one beyond doubt,
    change_step: float
    #: how long such a change must last,
    change_dwell_seconds: float
    #: and by how much longer one that is no step at all; in between in proportion.
    slow_change_seconds: float
    #: Time constant of the share of readings that could be read at all; ``unknown`` must last as long to come or to go.
    clarity_seconds: float
    #: A mood that begins is ``unknown`` where that share of the best probability is below this,
    unknown_below: float
    #: and one that stands where it has fallen so far below.
    unknown_hysteresis: float


def mood_of(scores: Scores, unknown_below: float) -> Mood:
    """Return the most probable emotion, or ``unknown`` where it is not probable enough."""
    best = int(np.argmax(scores))
    confidence = float(scores[best])
    return Mood(EMOTIONS[best] if confidence >= unknown_below else UNKNOWN, confidence, scores)


@dataclass
class _Columns:
    """One element, or one row, for each face."""

    #: f64 (n, 7): averages of the readings, and what each is worth, f64 (n,).
    recent: Floats
    recent_weight: Floats
    usual: Floats
    usual_weight: Floats
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
            np.full((count, len(EMOTIONS)), 1.0 / len(EMOTIONS)),
            np.zeros(count),
            np.zeros(count),
            np.zeros(count),
            np.full(count, _UNKNOWN, np.int64),
            np.full(count, _UNKNOWN, np.int64),
            np.zeros(count),
            np.full(count, np.nan),
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
        last = columns.read_seconds[rows]
        first = np.isnan(last)
        elapsed = np.where(first, FIRST_SECONDS, np.maximum(time_seconds - last, 0.0))
        recent, usual = columns.recent[rows], columns.usual[rows]
        recent_weight, usual_weight = columns.recent_weight[rows], columns.usual_weight[rows]
        blend(recent, recent_weight, scores, quality, elapsed, steadiness.recent_seconds)
        share = np.where(first, 1.0, -np.expm1(-elapsed / steadiness.clarity_seconds))
        clarity = columns.clarity[rows]
        clarity += share * ((quality > 0.0) - clarity)
        columns.quality[rows] += share * (quality - columns.quality[rows])
        columns.recent[rows], columns.recent_weight[rows] = recent, recent_weight
        columns.clarity[rows], columns.read_seconds[rows] = clarity, time_seconds
        before = columns.stands[rows]
        wanted, needed = self._wanted(recent, usual, clarity, before)
        # What may be a change is not taken for usual meanwhile.
        blend(usual, usual_weight, scores, np.where(wanted == before, quality, 0.0), elapsed, steadiness.usual_seconds)
        columns.usual[rows], columns.usual_weight[rows] = usual, usual_weight
        columns.stands[rows] = after = self._decide(rows, before, wanted, needed, time_seconds)
        self._begin_anew(rows[after != before])
        return before

    def settled(self, row: int) -> bool:
        """Say whether what is known of a face is firm enough for its first mood."""
        recent = np.sort(self._columns.recent[row])
        return bool(self._columns.recent_weight[row] * (recent[-1] - recent[-2]) >= FIRM_LEAD)

    def decide_now(self, row: int) -> None:
        """Let stand what is most probable, without waiting: a face's first mood changes no other one."""
        columns = self._columns
        best = int(columns.recent[row].argmax())
        clear = columns.recent[row, best] * columns.clarity[row] >= self.steadiness.unknown_below
        columns.stands[row] = columns.challenger[row] = best if clear else _UNKNOWN
        self._begin_anew(np.array([row]))

    def mood(self, row: int) -> Mood:
        """Return the mood that stands."""
        return self.moods([row])[0]

    def moods(self, rows: Rows) -> list[Mood]:
        """Return the moods that stand, one for each of ``rows``."""
        columns = self._columns
        recent = columns.recent[rows]
        stands = columns.stands[rows]
        known = np.minimum(stands, _UNKNOWN - 1)
        sure = np.where(stands == _UNKNOWN, recent.max(axis=1), recent[np.arange(len(rows)), known]).tolist()
        scores = recent.astype(np.float32)
        return [Mood(MOODS[index], sure[n], scores[n]) for n, index in enumerate(stands.tolist())]

    def stands(self, rows: Rows) -> NDArray[np.int64]:
        """Return the index of the mood that stands, i64 (n,), one for each of ``rows``."""
        return self._columns.stands[rows]

    def qualities(self, rows: Rows) -> list[float]:
        """Return how well each of ``rows`` is seen, 0..1."""
        quality: list[float] = self._columns.quality[rows].tolist()
        return quality

    def _wanted(
        self, recent: Floats, usual: Floats, clarity: Floats, stands: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Floats]:
        """Return for each face the mood that it should have, and for how many seconds it must do so."""
        steadiness = self.steadiness
        each = np.arange(len(stands))
        leader = recent.argmax(axis=1)
        known, stood = stands != _UNKNOWN, np.minimum(stands, _UNKNOWN - 1)
        ahead = recent[each, leader] - recent[each, stood]
        step = ahead - (usual[each, leader] - usual[each, stood])
        floor = steadiness.unknown_below - np.where(known, steadiness.unknown_hysteresis, 0.0)
        clear = recent[each, leader] * clarity >= floor
        convincing = ~known | (ahead >= steadiness.change_margin)
        wanted = np.where(clear, np.where(convincing, leader, stands), _UNKNOWN)
        doubt = 1.0 - np.clip(step / steadiness.change_step, 0.0, 1.0)
        slowly = steadiness.change_dwell_seconds + steadiness.slow_change_seconds * doubt
        return wanted, np.where(known & clear, slowly, steadiness.clarity_seconds)

    def _decide(
        self,
        rows: NDArray[np.intp],
        before: NDArray[np.int64],
        wanted: NDArray[np.int64],
        needed: Floats,
        time_seconds: float,
    ) -> NDArray[np.int64]:
        columns = self._columns
        same = wanted == columns.challenger[rows]
        since = np.where(same, columns.challenged_seconds[rows], time_seconds)
        columns.challenger[rows], columns.challenged_seconds[rows] = wanted, since
        return np.where(time_seconds - since >= needed, wanted, before)

    def _begin_anew(self, rows: NDArray[np.intp]) -> None:
        """Take what faces were read as lately for what is usual from now on: their mood has changed."""
        columns, steadiness = self._columns, self.steadiness
        columns.usual[rows] = columns.recent[rows]
        columns.usual_weight[rows] = -np.expm1(-steadiness.recent_seconds / steadiness.usual_seconds)
