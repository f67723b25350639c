"""Who may have been taken for somebody else: where each would be expected had the last return been another's.

A face that comes back into sight is believed after one detection, and sometimes it is somebody who walks past. So for a
while its track remembers, untouched, what was expected of it before. If then a newcomer turns up who fits that much better
than the one who is followed, the two are exchanged: who sits there keeps his number, and the walker has a new one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.vision.motion import Floats, Motion
from emotiond.vision.reunion import LIMIT, costs, newcomer_costs, paired

#: How long a return is in doubt.
DOUBT_SECONDS: Final = 3.0
#: By how much a newcomer must fit better: twice a negative log likelihood.
MARGIN: Final = 4.0


class Doubts:
    """The doubts about n tracks, in the rows of their ``Motion``."""

    def __init__(self, wander: float) -> None:
        #: As each was before the return that is in doubt; as it is where none is.
        self._before = Motion(wander)
        self._since_seconds = np.zeros(0)

    def take_over(self, before: Doubts) -> None:
        """Go on with the doubts of ``before``."""
        self._before.take_over(before._before)
        self._since_seconds = before._since_seconds

    def add(self, boxes: Floats) -> None:
        """Append tracks that begin at ``boxes``, f64 (m, 4)."""
        self._before.add(boxes)
        self._since_seconds = np.concatenate([self._since_seconds, np.full(len(boxes), -np.inf)])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Drop the tracks that are not in ``which``, bool (n,)."""
        self._before.keep(which)
        self._since_seconds = self._since_seconds[which]

    def advance(self, seconds: float) -> None:
        """Move on what was expected."""
        self._before.advance(seconds)

    def shift(self, by: Floats) -> None:
        """Move everything by the same f64 (2,) pixels."""
        self._before.shift(by)

    def begin(self, rows: NDArray[np.intp], time_seconds: float) -> None:
        """Doubt that ``rows``, (m,), have come back, but for those of an earlier return that is in doubt still."""
        settled = rows[~self._open(time_seconds)[rows]]
        self._since_seconds[settled] = time_seconds

    def settle(self, motion: Motion, time_seconds: float) -> None:
        """Take those about whom there is no doubt for what they are in ``motion``."""
        self._before.assume(motion, ~self._open(time_seconds))

    def mistaken(
        self,
        motion: Motion,
        found: NDArray[np.bool_],
        come: NDArray[np.intp],
        size_pixels: tuple[int, int],
        time_seconds: float,
    ) -> list[tuple[int, int]]:
        """Return pairs of a row in doubt and the row of ``come``, (m,), that it should have been; they are settled.

        ``found``, bool (n,), are in sight.
        """
        rows = np.flatnonzero(self._open(time_seconds) & found)
        rows = rows[~np.isin(rows, come)]
        if not len(rows) or not len(come):
            return []
        cost = newcomer_costs(self._before, rows, motion, come, size_pixels)
        own = costs(self._before, rows, motion, rows).diagonal()
        pairs = paired(np.where(cost + MARGIN < own[:, None], cost, LIMIT), rows, come)
        self._since_seconds[[row for row, _ in pairs]] = -np.inf
        return pairs

    def _open(self, time_seconds: float) -> NDArray[np.bool_]:
        return np.asarray(time_seconds - self._since_seconds <= DOUBT_SECONDS)
