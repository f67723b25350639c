"""When to look for faces: in every k-th frame, or as often as something moves and as the machine can afford."""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np

from emotiond.native.shrink import shrink_luma
from emotiond.records import Frame, PixelFormat

#: Faces are looked for at least this often, however still the picture is,
LONGEST_SECONDS: Final = 0.5
#: half as often where nobody is followed: whoever comes moves,
EMPTY_SECONDS: Final = 1.0
#: and no more of the time than this is spent on it, however much moves.
LARGEST_SHARE: Final = 0.4
#: Something has moved where a cell of the thumbnail is brighter or darker by this than at the last look,
MOVED_BRIGHTNESS: Final = 0.04
#: in this share of all cells: a face that turns, three metres away.
MOVED_SHARE: Final = 0.003
#: The thumbnail has about as many columns, and half as many lines of the picture are looked at.
COLUMNS: Final = 64
#: How fast the cost of a look is learned.
LEARNING: Final = 0.2


class Look(Enum):
    """What to do with a frame."""

    #: Let the motion of each face carry it.
    AWAY = 0
    DETECT = 1
    #: Detect thoroughly, the small faces of the back rows too.
    SWEEP = 2


class Attention:
    """Of one camera.

    Looks in one of ``every_frames``, or as motion demands where that is 0; ``sweep_seconds`` 0 sweeps never.
    """

    def __init__(self, every_frames: int = 0, sweep_seconds: float = 0.0) -> None:
        self._every_frames = every_frames
        #: Looks so many times more rarely.
        self.rarer = 1
        self._sweep_seconds = sweep_seconds
        #: Average time that a look takes.
        self._cost_seconds = 0.0
        self.reset()

    @property
    def quiet(self) -> bool:
        """Whether nothing had moved when it was last compared; always false where every k-th frame is looked at."""
        return self._quiet

    @property
    def sweeps(self) -> bool:
        """Whether it ever sweeps."""
        return self._sweep_seconds > 0.0

    def reset(self) -> None:
        """Forget what was seen: the next frame is looked at."""
        self._carried = 0
        self._quiet = False
        #: Whether the thumbnail of now is that of the frame that is being judged.
        self._drawn = False
        self._looked_seconds: float | None = None
        self._swept_seconds: float | None = None
        self._seen = self._now = np.zeros((0, 0), np.float32)

    def look(self, frame: Frame, *, restless: bool = False, empty: bool = False) -> Look:
        """Say what to do with ``frame``; ``empty``: nobody is followed. A blank frame is never looked at.

        ``restless`` looks as though something had moved.
        """
        if frame.blank:
            return Look.AWAY
        self._drawn = False
        if self.sweeps and (
            self._swept_seconds is None or frame.time_seconds - self._swept_seconds >= self._sweep_seconds
        ):
            self._swept_seconds = frame.time_seconds
            self._begin(frame)
            return Look.SWEEP
        if not self._due(frame, EMPTY_SECONDS if empty else LONGEST_SECONDS, restless=restless):
            self._carried += 1
            return Look.AWAY
        self._begin(frame)
        return Look.DETECT

    def took(self, seconds: float) -> None:
        """Learn how long a look took."""
        rate = LEARNING if self._cost_seconds else 1.0
        self._cost_seconds += rate * (seconds - self._cost_seconds)

    def _due(self, frame: Frame, longest_seconds: float, *, restless: bool) -> bool:
        if self._looked_seconds is None:
            return True
        if self._every_frames:
            return self._carried + 1 >= self._every_frames * self.rarer
        since = frame.time_seconds - self._looked_seconds
        # A clock that goes back has begun anew.
        if since < 0.0 or since >= longest_seconds:
            return True
        if since < self.rarer * self._cost_seconds / LARGEST_SHARE:
            return False
        self._quiet = not self._moved(frame)
        return restless or not self._quiet

    def _begin(self, frame: Frame) -> None:
        self._carried = 0
        self._looked_seconds = frame.time_seconds
        if not self._every_frames:
            if not self._drawn:
                self._draw(frame)
            self._seen, self._now = self._now, self._seen

    def _moved(self, frame: Frame) -> bool:
        self._draw(frame)
        if self._now.shape != self._seen.shape:
            return True
        change = self._now - self._seen
        # A lamp or the camera's exposure changes all cells alike, and moves nobody.
        change -= np.median(change)
        return bool((np.abs(change) > MOVED_BRIGHTNESS).mean() >= MOVED_SHARE)

    def _draw(self, frame: Frame) -> None:
        """Draw the thumbnail of ``frame``."""
        ratio = max(1, frame.width // COLUMNS)
        pixels = frame.pixels[: frame.height] if frame.format is PixelFormat.NV12 else frame.pixels
        # Every second line is enough, and half the price.
        pixels = pixels[::2]
        shape = (-(-pixels.shape[0] // ratio), -(-pixels.shape[1] // ratio))
        if self._now.shape != shape:
            self._now = np.zeros(shape, np.float32)
        shrink_luma(pixels, self._now, float(ratio))
        self._drawn = True
