"""Frames that are rendered or decoded before anything is measured, and played to and fro for as long as it takes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from emotiond.capture.jpeg import decoded as from_jpeg
from emotiond.capture.source import Picture, Source, SourceError
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.records import Frame, PixelFormat

CAMERA = "bench"
#: A face is this share of its seat, so that neighbours do not cover one another,
SEAT_SHARE = 0.42
#: and no larger than this.
LARGEST_FACE = 160
#: Frames of a reel: as many as this, and no more than fit into this many bytes.
FRAMES = 24
LARGEST_BYTES = 160_000_000
#: An empty room has plaster, and the camera's sensor has noise: levels of gray. Without, a JPEG would cost nothing.
PLASTER = 6.0
NOISE = 2.0
#: As webcams write it.
JPEG_QUALITY = 85
JPEG_CHROMA = "422"


@dataclass(frozen=True)
class Reel:
    """Pictures u8 (height, width, channels) of one format, at ``rate_hz``."""

    name: str
    #: People in the scene; 0 where nobody has counted them.
    faces: int
    rate_hz: float
    pictures: list[NDArray[np.uint8]]
    format: PixelFormat
    #: What it took to get one picture, 0 where it was rendered.
    capture_seconds: float = 0.0
    #: The pictures as a camera of Motion JPEG sends them; none of any other.
    codes: tuple[bytes, ...] = ()
    #: Nobody is there, and nobody comes.
    empty: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        frame = self.frame(0)
        return frame.width, frame.height

    def place(self, index: int) -> int:
        """Say which picture stands at ``index`` of an endless play: to the end, back to the start, and so on."""
        last = len(self.pictures) - 1
        place = index % (2 * last) if last else 0
        return min(place, 2 * last - place)

    def frame(self, index: int, time_seconds: float | None = None) -> Frame:
        """Return the frame at ``index`` of an endless play."""
        now = index / self.rate_hz if time_seconds is None else time_seconds
        return Frame(CAMERA, index, now, self.pictures[self.place(index)], "bench:", format=self.format)


class Player:
    """A reel as a live camera: whoever reads it keeps its time.

    As from a V4L2 camera a JPEG is decoded, a raw picture is copied, and either may be skipped.
    """

    live = True
    still = False
    paced = False

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self._indices: Iterator[int] = iter(())

    def open(self) -> None:
        """Begin at the first frame."""
        self._indices = count()

    def read(self) -> Picture | None:
        """Return the next picture."""
        frame = self._reel.frame(next(self._indices))
        if self._reel.codes:
            pixels = from_jpeg(self._reel.codes[self._reel.place(frame.index)], color=False)
        else:
            pixels = frame.pixels if frame.format is PixelFormat.BGR else frame.pixels.copy()
        return Picture(pixels, frame.time_seconds, frame.source, frame.format)

    def skip(self) -> Picture:
        """Pass over the next picture."""
        frame = self._reel.frame(next(self._indices))
        return Picture.undecoded(frame.time_seconds, frame.source)

    def close(self) -> None:
        """There is nothing to give back."""


def rendered(faces: int, width: int, height: int, rate_hz: float = 30.0) -> Reel:
    """Render a scene; raise ``SourceError`` where scikit-image is missing."""
    columns = max(1, math.ceil(math.sqrt(faces * width / height)))
    rows = max(1, math.ceil(faces / columns))
    side = min(LARGEST_FACE, int(SEAT_SHARE * min(width / columns, height / rows)))
    scene = Synthetic(
        Parameters(faces=faces, width=width, height=height, face_pixels=side, rate=rate_hz, frames=FRAMES)
    )
    pictures, _, _, _ = _pictures(scene)
    name = f"{faces} faces, {width}x{height}" if faces else f"nobody, {width}x{height}"
    if not faces:
        pictures = _grained(pictures)
    return Reel(name, faces, rate_hz, pictures, PixelFormat.BGR, empty=not faces)


def decoded(name: str, source: Source) -> Reel:
    """Decode the first frames of a clip; raise ``SourceError`` where that cannot be."""
    if source.live or source.still:
        raise SourceError(f"{name}: is no clip; the bench reads video files")
    pictures, form, last_seconds, spent = _pictures(source)
    rate_hz = (len(pictures) - 1) / last_seconds if last_seconds > 0.0 else 30.0
    return Reel(name, 0, rate_hz, pictures, form, spent / len(pictures))


def as_jpeg(reel: Reel) -> Reel:
    """Return a reel of BGR as a camera of Motion JPEG gives it, decoded to gray as the daemon does."""
    codes = tuple(simplejpeg.encode_jpeg(picture, JPEG_QUALITY, "BGR", JPEG_CHROMA) for picture in reel.pictures)
    began = time.perf_counter()
    pictures = [from_jpeg(code, color=False) for code in codes]
    spent = (time.perf_counter() - began) / len(codes)
    return replace(
        reel,
        name=f"{reel.name}, mjpeg",
        pictures=pictures,
        format=PixelFormat.GRAY,
        capture_seconds=spent,
        codes=codes,
    )


def converted(reel: Reel, wish: PixelFormat) -> Reel:
    """Return a reel of BGR in another format, as a camera would give it."""
    if wish is reel.format:
        return reel
    reel = replace(reel, name=f"{reel.name}, {wish}")
    return replace(reel, pictures=[_converted(picture, wish) for picture in reel.pictures], format=wish)


def _converted(picture: NDArray[np.uint8], wish: PixelFormat) -> NDArray[np.uint8]:
    if wish is PixelFormat.GRAY:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]
    if wish is PixelFormat.YUYV:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUY2), np.uint8)
    # OpenCV writes U and V as planes of their own: NV12 has them side by side.
    height, width = picture.shape[:2]
    planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
    chroma = planes[height:].reshape(2, -1).T.reshape(height // 2, width)
    return np.ascontiguousarray(np.concatenate([planes[:height], chroma])[:, :, None])


def _grained(pictures: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """Lay plaster over a wall, the same in every picture, and noise, another in each."""
    rng = np.random.default_rng(1)
    shape = pictures[0].shape[:2]
    plaster = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 1.5)
    plaster *= PLASTER / plaster.std()
    grain = ((plaster + NOISE * rng.standard_normal(shape, np.float32))[:, :, None] for _ in pictures)
    return [np.clip(picture + layer, 0, 255).astype(np.uint8) for picture, layer in zip(pictures, grain, strict=True)]


def _pictures(source: Source) -> tuple[list[NDArray[np.uint8]], PixelFormat, float, float]:
    """Return pictures, their format, the time of the last one within its source, and how long it took to read them."""
    pictures: list[NDArray[np.uint8]] = []
    form = PixelFormat.BGR
    last_seconds, size, began = 0.0, 0, time.perf_counter()
    source.open()
    try:
        while len(pictures) < FRAMES and size < LARGEST_BYTES and (picture := source.read()) is not None:
            pictures.append(picture.pixels)
            form = picture.format
            last_seconds, size = picture.time_seconds, size + picture.pixels.nbytes
    finally:
        source.close()
    if not pictures:
        raise SourceError("bench: the clip has no frame")
    return pictures, form, last_seconds, time.perf_counter() - began
