"""What every source of pictures promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from emotiond.records import PixelFormat


class SourceError(Exception):
    """A source cannot be opened or has failed; the message is one line that names it and says why."""


class AddressError(SourceError):
    """An address that can be no source, whatever is plugged in or switched on."""


class PictureError(SourceError):
    """One picture of a source is bad; the next one may be read."""


class Wish(NamedTuple):
    """What is asked of a camera; it answers with the nearest that it has."""

    width_pixels: int
    height_pixels: int
    frames_per_second: float
    timeout_seconds: float
    #: What a V4L2 camera sends; ``auto`` takes pixels where the camera has them at this size and rate, else JPEG.
    format: Literal["auto", "mjpeg", "yuyv", "nv12", "grey"] = "auto"
    #: How RTSP comes.
    transport: Literal["tcp", "udp"] = "tcp"
    #: Whether to decode colours; nothing that reads faces needs them.
    color: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as its source gave it; the pixels belong to whoever gets it."""

    #: u8, C-contiguous; ``format`` says in which shape.
    pixels: NDArray[np.uint8]
    #: Time since the source began; without a meaning where it is live.
    time_seconds: float
    #: What it came from: a file's path, a camera's address.
    name: str
    format: PixelFormat = PixelFormat.BGR
    #: When it was taken, by the monotonic clock; None where that is now.
    taken_seconds: float | None = None
    #: The stream's own time, where there is one.
    stream_seconds: float | None = None

    @classmethod
    def undecoded(cls, time_seconds: float, name: str, taken_seconds: float | None = None) -> Picture:
        """Return a picture that was left as it is."""
        return cls(np.zeros((0, 0, 0), np.uint8), time_seconds, name, taken_seconds=taken_seconds)

    @property
    def skipped(self) -> bool:
        """Whether it was left undecoded."""
        return self.pixels.size == 0


class Source(Protocol):
    """Somewhere that pictures come from; used by one thread only."""

    #: Live sources hand over the newest picture and drop what nobody took; finite ones lose none.
    live: bool
    #: Pictures without a before and an after.
    still: bool
    #: The source itself waits until a picture is due; else whoever reads it keeps the time.
    paced: bool

    def open(self) -> None:
        """Get ready to read; raise ``SourceError`` where that cannot be. May be called again after ``close``."""

    def read(self) -> Picture | None:
        """Return the next picture, None at the end; raise ``PictureError`` or ``SourceError``."""

    def close(self) -> None:
        """Give everything back; harmless when nothing is open."""


@runtime_checkable
class Hasty(Protocol):
    """A live source that leaves pictures out by itself where newer ones are there."""

    @property
    def left_out(self) -> int:
        """How many so far."""


@runtime_checkable
class Skipping(Protocol):
    """A live source that need not decode a picture to get to the next one."""

    def skip(self) -> Picture:
        """Wait for the next picture and leave it as it is: its pixels are empty; raise ``SourceError``."""


@runtime_checkable
class Counted(Protocol):
    """A finite source that knows, once it is open, how long it is."""

    @property
    def pictures(self) -> int:
        """How many pictures it holds, as far as it says so itself."""
