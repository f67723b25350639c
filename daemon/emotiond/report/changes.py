"""Finds the moments at which the mood of a room changed most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS
from emotiond.report.second import Second

#: A change is told from the means before and after it, each over a sixtieth of the whole, within these bounds.
SHORTEST_SECONDS: Final = 5
LONGEST_SECONDS: Final = 60
PARTS: Final = 60
#: How far an emotion's share must rise to be worth telling.
LEAST_RISE: Final = 0.2
MOST_CHANGES: Final = 8


class Change(NamedTuple):
    """One emotion's share rose."""

    #: The second from which on the rise is seen.
    at: Second
    emotion: str
    before: float
    after: float


def changes_of(seconds: Sequence[Second], places: NDArray[np.float64]) -> list[Change]:
    """Find the largest changes of one source, in the order of time; ``places`` are its seconds on one time axis."""
    known = [n for n, second in enumerate(seconds) if second.shares is not None]
    if not known:
        return []
    first = places.min()
    span = int(places.max() - first) + 1
    window = int(np.clip(span // PARTS, SHORTEST_SECONDS, LONGEST_SECONDS))
    total, count = np.zeros((span + 1, len(EMOTIONS))), np.zeros(span + 1)
    rows = (places[known] - first).astype(np.intp)
    np.add.at(total, rows + 1, np.array([seconds[n].shares for n in known]))
    np.add.at(count, rows + 1, 1.0)
    step = float(np.median(np.diff(np.unique(rows)))) if len(np.unique(rows)) > 1 else 1.0
    before, after = _means(total.cumsum(axis=0), count.cumsum(), rows, window, window / step / 2.0)
    rise = after - before
    strength = np.nan_to_num(rise, nan=-1.0).max(axis=1)
    chosen: list[int] = []
    for row in np.argsort(-strength, kind="stable"):
        if strength[row] < LEAST_RISE or len(chosen) == MOST_CHANGES:
            break
        if all(abs(rows[row] - rows[other]) > 2 * window for other in chosen):
            chosen.append(int(row))
    return [
        Change(seconds[known[row]], EMOTIONS[n], float(before[row, n]), float(after[row, n]))
        for row in sorted(chosen, key=lambda row: int(rows[row]))
        for n in [int(np.argmax(rise[row]))]
    ]


def _means(
    total: NDArray[np.float64], count: NDArray[np.float64], rows: NDArray[np.intp], window: int, enough: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means over the windows before and from each row on; NaN where fewer than ``enough`` are known."""
    low, high = np.maximum(rows - window, 0), np.minimum(rows + window, len(count) - 1)
    means = []
    for begin, end in ((low, rows), (rows, high)):
        known = count[end] - count[begin]
        mean = (total[end] - total[begin]) / np.maximum(known, 1.0)[:, None]
        mean[known < enough] = np.nan
        means.append(mean)
    return means[0], means[1]
