"""Raw pictures on standard input."""

from __future__ import annotations

import os
import re
import select
import time
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from emotiond.capture.rawpipe import picture_of, size_of
from emotiond.capture.source import Picture, SourceError, Wish

_NAME = "standard input"


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands behind ``-?``."""

    format: Literal["gray", "nv12", "yuv420", "yuyv", "bgr"]
    #: Width and height, both even.
    size: Annotated[str, Meta(pattern=r"^[1-9]\d{0,3}x[1-9]\d{0,3}$")]

    def __post_init__(self) -> None:
        """Refuse sizes that no such picture has."""
        if any(side % 2 for side in self.sides()):
            raise ValueError("size: both sides must be even")

    def sides(self) -> tuple[int, int]:
        """Return width and height."""
        width, height = map(int, re.split("x", self.size))
        return width, height


class StandardInput:
    """Live, for as long as pictures come."""

    live = True
    still = False
    paced = True

    def __init__(self, shape: Shape, wish: Wish, fd: int = 0) -> None:
        self._shape = shape
        self._wish = wish
        self._fd = fd

    def open(self) -> None:
        """Need nothing: standard input is always open."""

    def read(self) -> Picture | None:
        """Return the next picture, None at the end; raise ``SourceError`` where none comes in time."""
        width, height = self._shape.sides()
        buffer = np.empty(size_of(self._shape.format, width, height), np.uint8)
        deadline = time.monotonic() + self._wish.timeout_seconds
        filled = 0
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while filled < buffer.size:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000.0):
                raise SourceError(f"{_NAME}: no frame within {self._wish.timeout_seconds:g} s")
            count = os.readv(self._fd, [buffer.data[filled:]])
            if count == 0:
                return None
            filled += count
        now = time.monotonic()
        pixels, form = picture_of(buffer, self._shape.format, width, height, color=self._wish.color)
        return Picture(pixels, now, _NAME, form, now)

    def close(self) -> None:
        """Leave standard input open: it belongs to the process."""
