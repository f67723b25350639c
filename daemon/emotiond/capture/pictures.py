"""A picture, or a folder of pictures in the order of their names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.capture.source import Picture, PictureError, SourceError

SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})


class Pictures:
    """Stills: each is read on its own, and a bad one does not stop the next."""

    live = False
    still = True
    paced = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[Path] = []
        self._index = 0

    def open(self) -> None:
        """List the pictures; raise ``SourceError`` where there are none."""
        try:
            if self._path.is_dir():
                self._waiting = sorted(file for file in self._path.iterdir() if file.suffix.lower() in SUFFIXES)
            else:
                self._path.stat()
                self._waiting = [self._path]
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error
        if not self._waiting:
            raise SourceError(f"{self._path}: no picture in this folder ({', '.join(sorted(SUFFIXES))})")
        self._index = 0

    @property
    def pictures(self) -> int:
        """How many pictures there are."""
        return len(self._waiting)

    def read(self) -> Picture | None:
        """Read the next picture; raise ``PictureError`` where it is none."""
        if self._index >= len(self._waiting):
            return None
        path = self._waiting[self._index]
        time_seconds = float(self._index)
        self._index += 1
        try:
            code = path.read_bytes()
        except OSError as error:
            raise PictureError(f"{path}: cannot be read: {error.strerror}") from error
        return Picture(still_of(code, str(path)), time_seconds, str(path))

    def close(self) -> None:
        """Forget the list."""
        self._waiting = []


def still_of(code: bytes, name: str) -> NDArray[np.uint8]:
    """Decode a picture of any kind to BGR, u8 (height, width, 3); raise ``PictureError`` where it is none."""
    try:
        pixels = cv2.imdecode(np.frombuffer(code, np.uint8), cv2.IMREAD_COLOR) if code else None
    except cv2.error as error:
        raise PictureError(f"{name}: cannot be decoded: {error.err}") from error
    if pixels is None:
        raise PictureError(f"{name}: not a picture that can be read")
    return np.asarray(pixels, np.uint8)
