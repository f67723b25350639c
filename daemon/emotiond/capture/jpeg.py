"""JPEG pictures of cameras, by a decoder that tells what is damaged: OpenCV's shows it with gray bars and no word."""

from __future__ import annotations

import numpy as np
import simplejpeg
from numpy.typing import NDArray

#: No camera takes larger ones; a damaged header may well claim so.
MOST_PIXELS = 64_000_000


class JpegError(Exception):
    """A picture is damaged, or none at all; the message is one line."""


def decoded(code: bytes | memoryview, *, color: bool) -> NDArray[np.uint8]:
    """Return u8 (height, width, 1) gray, or (height, width, 3) BGR; raise ``JpegError`` at the least damage."""
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(code)
        if height * width > MOST_PIXELS:
            raise JpegError(f"claims {width} x {height} pixels")
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(code, "BGR" if color else "GRAY")
    except ValueError as error:
        raise JpegError(str(error).partition("\n")[0].lower() or "cannot be decoded") from error
    return pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
