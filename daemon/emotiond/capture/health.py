"""Whether what a camera sends is a view of a room: frozen, black and damaged pictures come at full rate, too."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Frame

#: A picture is looked at this often; more would cost and tell nothing.
LOOK_SECONDS: Final = 0.5
#: The same picture over this time, while the stream's own clock stands still, is no still scene.
STILL_CLOCK_SECONDS: Final = 2.0
#: Nothing but this dark, for this long, is black.
BLACK_LEVEL: Final = 32
BLACK_SECONDS: Final = 2.0
#: Every n-th pixel in both directions is enough to see that a picture is black.
STRIDE: Final = 16
#: Of the last pictures, so many damaged ones are too many, over this time.
DAMAGED_SHARE: Final = 0.2
MEMORY_SECONDS: Final = 10.0
MEMORY_PICTURES: Final = 300


@dataclass
class Health:
    """Judges one camera's pictures; times are of one clock, which comes from outside."""

    frozen_seconds: float
    _looked_seconds: float = float("-inf")
    _digest: int | None = None
    _same_seconds: float = 0.0
    _stream_seconds: float | None = None
    _clock_seconds: float = 0.0
    _light_seconds: float = 0.0
    _black: bool = False
    _signs: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=MEMORY_PICTURES))

    def begin(self, now: float) -> None:
        """Forget what was: the camera has been opened anew."""
        self._looked_seconds, self._digest, self._stream_seconds = float("-inf"), None, None
        self._same_seconds = self._clock_seconds = self._light_seconds = now
        self._black = False
        self._signs.clear()

    def picture(self, frame: Frame, masked: NDArray[np.bool_] | None, stream: float | None, now: float) -> None:
        """Take in a good picture; of it ``masked``, (height, width), has been made black."""
        self._signs.append((now, True))
        if now - self._looked_seconds < LOOK_SECONDS:
            return
        self._looked_seconds = now
        luma = frame.luma
        digest = zlib.crc32(np.ascontiguousarray(luma).data)
        if digest != self._digest:
            self._digest, self._same_seconds = digest, now
        if stream is None or stream != self._stream_seconds:
            self._stream_seconds, self._clock_seconds = stream, now
        coarse = luma[::STRIDE, ::STRIDE]
        seen = coarse if masked is None else coarse[~masked[::STRIDE, ::STRIDE]]
        self._black = bool(seen.size) and bool(np.percentile(seen, 99) < BLACK_LEVEL)
        if not self._black:
            self._light_seconds = now

    def damaged(self, now: float) -> None:
        """Take in that a picture was damaged and left out."""
        self._signs.append((now, False))

    def complaint(self, now: float) -> str:
        """Say what is wrong with what the camera sends; empty while all is well."""
        while self._signs and now - self._signs[0][0] > MEMORY_SECONDS:
            self._signs.popleft()
        bad = sum(not good for _, good in self._signs)
        if bad > 1 and bad > DAMAGED_SHARE * len(self._signs):
            return "many of its pictures are damaged"
        same = self._looked_seconds - self._same_seconds
        if same >= STILL_CLOCK_SECONDS and self._looked_seconds - self._clock_seconds >= STILL_CLOCK_SECONDS:
            return "the picture is frozen, and so is the stream's clock"
        if same >= self.frozen_seconds:
            return f"the picture has been the same for more than {self.frozen_seconds:g} s"
        if self._black and self._looked_seconds - self._light_seconds >= BLACK_SECONDS:
            return "the picture is black; is the lens covered?"
        return ""
