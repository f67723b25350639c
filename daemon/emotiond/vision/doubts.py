"""Who may have been taken for somebody else: where each would be expected had the last return been another's.

A face that comes back into sight is believed after one detection, and sometimes it is somebody who walks past. So for a
while its track remembers, untouched, what was expected of it before. If then a newcomer turns up who fits that much better
than the one who is followed, the two are exchanged (``reunion``): who sits there keeps his number, and the walker has a
new one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.vision.motion import Motion
from emotiond.vision.state import Floats

#: How long a return is in doubt.
DOUBT_SECONDS: Final = 3.0


class Doubts:
    """The doubts about n tracks, in the rows of their ``Motion``."""

    def __init__(self, wander: float) -> None:
        #: As each was before the return that is in doubt; as it is where none is.
        self.before = Motion(wander)
        self._since_seconds = np.zeros(0)
        #: How long each had been out of sight before that return.
        self._away_seconds = np.zeros(0)

    def take_over(self, before: Doubts) -> None:
        """Go on with the doubts of ``before``."""
        self.before.take_over(before.before)
        self._since_seconds, self._away_seconds = before._since_seconds, before._away_seconds

    def add(self, boxes: Floats) -> None:
        """Append tracks that begin at ``boxes``, f64 (m, 4)."""
        self.before.add(boxes)
        self._since_seconds = np.concatenate([self._since_seconds, np.full(len(boxes), -np.inf)])
        self._away_seconds = np.concatenate([self._away_seconds, np.zeros(len(boxes))])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Drop the tracks that are not in ``which``, bool (n,)."""
        self.before.keep(which)
        self._since_seconds, self._away_seconds = self._since_seconds[which], self._away_seconds[which]

    def advance(self, seconds: float) -> None:
        """Move on what was expected."""
        self.before.advance(seconds)

    def shift(self, by: Floats, drift: Floats) -> None:
        """Move everything as ``Motion.shift`` does."""
        self.before.shift(by, drift)

    def begin(self, rows: NDArray[np.intp], motion: Motion, time_seconds: float) -> None:
        """Doubt that ``rows``, (m,), which are in ``motion`` as they were expected, have come back.

        Of two returns within ``DOUBT_SECONDS`` the one after the longer absence is in doubt: a short one is mostly a miss.
        """
        away = motion.unseen_seconds()[rows]
        longer = ~self._open(time_seconds)[rows] | (away > self._away_seconds[rows])
        rows = rows[longer]
        self.before.assume(motion, rows)
        self._since_seconds[rows], self._away_seconds[rows] = time_seconds, away[longer]

    def settle(self, motion: Motion, time_seconds: float) -> None:
        """Take those about whom there is no doubt for what they are in ``motion``."""
        self.before.assume(motion, ~self._open(time_seconds))

    def end(self, rows: NDArray[np.intp]) -> None:
        """Doubt no longer who ``rows``, (m,), are."""
        self._since_seconds[rows] = -np.inf

    def among(self, which: NDArray[np.bool_], time_seconds: float) -> NDArray[np.intp]:
        """Return the rows of ``which``, bool (n,), that are in doubt."""
        return np.flatnonzero(which & self._open(time_seconds))

    def _open(self, time_seconds: float) -> NDArray[np.bool_]:
        return np.asarray(time_seconds - self._since_seconds <= DOUBT_SECONDS)
