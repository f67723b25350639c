"""An empty room is looked at now and then: what comes in between is counted, and not decoded."""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.capture.lens import Lens
from emotiond.capture.source import Picture, Skipping, Source
from emotiond.records import PixelFormat

#: After so long a picture is decoded whatever happens: every third one of 30 per second. Whoever comes is seen then.
GLANCE_SECONDS: Final = 0.06


class Doze:
    """Of one camera. Belongs to its thread, but for ``quiet``, which the pipeline sets."""

    def __init__(self, source: Source) -> None:
        self._source = source
        # Asked once: a check against a protocol takes longer than what it leads to.
        self._skipping = source if isinstance(source, Skipping) else None
        #: Whether nobody is in view and nothing moves, as far as the pipeline has seen.
        self.quiet = False
        self._decoded_seconds = float("-inf")
        self._blank: NDArray[np.uint8] = np.zeros((0, 0, 0), np.uint8)
        self._format = PixelFormat.BGR

    def next(self) -> Picture | None:
        """Read the next picture, or skip it; raise what the source raises."""
        if self.quiet and self._skipping and time.monotonic() - self._decoded_seconds < GLANCE_SECONDS:
            return self._skipping.skip()
        return self._source.read()

    def upright(self, picture: Picture, lens: Lens) -> tuple[NDArray[np.uint8], PixelFormat]:
        """Return the pixels as ``lens`` shows them, and their format; none, of the last size, of one that was skipped."""
        if picture.skipped:
            return self._blank, self._format
        pixels, self._format = lens.upright(picture)
        self._blank = np.zeros((*pixels.shape[:2], 0), np.uint8)
        self._decoded_seconds = time.monotonic()
        return pixels, self._format
