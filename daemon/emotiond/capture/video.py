"""A video file, from its first frame to its last."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from emotiond.capture.source import Picture, SourceError

#: Containers promise a few frames more than decoders give; fewer than this share of them is a damaged file.
WHOLE_SHARE = 0.9


class Video:
    """A finite source that loses no frame."""

    live = False
    still = False
    paced = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._capture: cv2.VideoCapture | None = None
        self._index = 0
        self._rate_hz = 25.0
        self._promised = 0

    def open(self) -> None:
        """Open the file; raise ``SourceError`` where it is missing or no video."""
        try:
            with self._path.open("rb"):
                pass
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise SourceError(f"{self._path}: not a picture or a video that can be read")
        self._capture = capture
        self._index = 0
        rate_hz = capture.get(cv2.CAP_PROP_FPS)
        self._rate_hz = rate_hz if 0.1 < rate_hz < 1000.0 else 25.0
        self._promised = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))

    @property
    def pictures(self) -> int:
        """How many frames the file promises."""
        return self._promised

    def read(self) -> Picture | None:
        """Return the next frame; raise ``SourceError`` where the file breaks off early."""
        if self._capture is None:
            raise SourceError(f"{self._path}: not open")
        ok, pixels = self._capture.read()
        if not ok:
            if self._index < self._promised * WHOLE_SHARE:
                raise SourceError(f"{self._path}: broken off after {self._index} of {self._promised} frames")
            return None
        picture = Picture(np.asarray(pixels, np.uint8), self._index / self._rate_hz, str(self._path))
        self._index += 1
        return picture

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
