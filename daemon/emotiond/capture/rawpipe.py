"""Raw pictures one after the other out of a pipe: from ``rpicam-vid``, or on standard input."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import PixelFormat

#: For each name of a raw format how many bytes a picture has per 2 x 2 pixels.
BYTES_OF_FOUR: Final = {"gray": 4, "nv12": 6, "yuv420": 6, "yuyv": 8, "bgr": 12}


def size_of(form: str, width: int, height: int) -> int:
    """Return how many bytes one picture has."""
    return BYTES_OF_FOUR[form] * (width // 2) * (height // 2)


def picture_of(
    buffer: NDArray[np.uint8], form: str, width: int, height: int, *, color: bool
) -> tuple[NDArray[np.uint8], PixelFormat]:
    """Return the pixels of one picture, u8 (size,), and their format; ``yuv420`` becomes gray, or NV12 in colour."""
    if form == "yuv420":
        if not color:
            return buffer[: width * height].reshape(height, width, 1), PixelFormat.GRAY
        chroma = buffer[width * height :].reshape(2, -1).T
        packed = np.concatenate((buffer[: width * height], chroma.reshape(-1)))
        return packed.reshape(height * 3 // 2, width, 1), PixelFormat.NV12
    if form == "nv12":
        return buffer.reshape(height * 3 // 2, width, 1), PixelFormat.NV12
    channels = {"gray": 1, "yuyv": 2, "bgr": 3}[form]
    return buffer.reshape(height, width, channels), PixelFormat(form)
