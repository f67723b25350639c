"""A picture of a camera, and how its pixels lie in memory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray


class PixelFormat(StrEnum):
    """How the pixels of a frame lie in memory; always u8 and C-contiguous."""

    #: (height, width, 1).
    GRAY = "gray"
    #: (height, width, 3).
    BGR = "bgr"
    #: (height, width, 2): Y U Y V; the width is even.
    YUYV = "yuyv"
    #: (height * 3 / 2, width, 1): all of Y, then rows of U V U V at half the height; both sides are even.
    NV12 = "nv12"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of one camera."""

    camera: str
    #: Position in its source, counted from zero.
    index: int
    #: Time of capture: of the monotonic clock for live sources, of the recording for files.
    time_seconds: float
    #: u8, C-contiguous; ``format`` says in which shape. Of a blank one there are none.
    pixels: NDArray[np.uint8]
    #: What the picture came from: a file's path, a camera's address.
    source: str
    #: A picture without a before and an after: no track, no smoothing.
    still: bool = False
    format: PixelFormat = PixelFormat.BGR

    @property
    def blank(self) -> bool:
        """Whether nobody has decoded it: shape (height, width, 0). Nothing moved lately, and nobody was in view."""
        return bool(self.pixels.shape[2] == 0)

    @property
    def width(self) -> int:
        """Width of the picture in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height of the picture in pixels: the chroma of NV12 is not counted."""
        rows = int(self.pixels.shape[0])
        return rows * 2 // 3 if self.format is PixelFormat.NV12 else rows

    @property
    def luma(self) -> NDArray[np.uint8]:
        """Brightness, u8 (height, width): a view of the pixels, strided for YUYV; BGR alone is converted, each time."""
        if self.pixels.shape[2] == 3:
            return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
        return self.pixels[: self.height, :, 0]
