"""Live cameras: V4L2 devices, and RTSP or HTTP streams."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from emotiond.capture.source import Picture, SourceError


class Wish(NamedTuple):
    """What is asked of a camera; it answers with the nearest that it has."""

    width_pixels: int
    height_pixels: int
    frames_per_second: float
    timeout_seconds: float


class _Live:
    """A capture of OpenCV's that is judged by what it gives and how long it takes."""

    live = True
    still = False
    paced = True

    def __init__(self, name: str, wish: Wish) -> None:
        self._name = name
        self._wish = wish
        self._capture: cv2.VideoCapture | None = None
        self._opened_seconds = 0.0

    def read(self) -> Picture | None:
        """Return the newest frame; raise ``SourceError`` when the camera is gone or too slow."""
        if self._capture is None:
            raise SourceError(f"{self._name}: not open")
        before = time.monotonic()
        ok, pixels = self._capture.read()
        now = time.monotonic()
        # After a timeout OpenCV returns True with an old frame once or twice: the clock knows better.
        if now - before >= self._wish.timeout_seconds:
            raise SourceError(f"{self._name}: no frame within {self._wish.timeout_seconds:g} s")
        if not ok or pixels is None or pixels.size == 0:
            raise SourceError(f"{self._name}: stopped giving frames")
        return Picture(np.asarray(pixels, np.uint8), now - self._opened_seconds, self._name)

    def close(self) -> None:
        """Give the camera back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _adopt(self, capture: cv2.VideoCapture, remedy: str) -> None:
        if not capture.isOpened():
            capture.release()
            raise SourceError(f"{self._name}: cannot be opened; {remedy}")
        self._capture = capture
        self._opened_seconds = time.monotonic()


class V4l2(_Live):
    """A camera at the device itself."""

    def __init__(self, device: Path, wish: Wish) -> None:
        super().__init__(str(device), wish)
        self._device = device

    def open(self) -> None:
        """Open the device; raise ``SourceError`` with the remedy where it is missing, forbidden or no camera."""
        try:
            mode = self._device.stat().st_mode
        except OSError as error:
            raise SourceError(f"{self._device}: no such camera; is it plugged in?") from error
        if not stat.S_ISCHR(mode):
            raise SourceError(f"{self._device}: not a camera device")
        if not os.access(self._device, os.R_OK | os.W_OK):
            raise SourceError(f"{self._device}: no permission; add the user to the group `video`")
        capture = cv2.VideoCapture(str(self._device), cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._wish.width_pixels)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wish.height_pixels)
        capture.set(cv2.CAP_PROP_FPS, self._wish.frames_per_second)
        self._adopt(capture, "is another program using it?")


class Stream(_Live):
    """A camera behind an address; its password, if any, is never told."""

    def __init__(self, address: str, wish: Wish) -> None:
        scheme, _, rest = address.partition("://")
        super().__init__(f"{scheme}://{rest.rpartition('@')[2]}", wish)
        self._address = address

    def open(self) -> None:
        """Connect; raise ``SourceError`` where nothing answers in time."""
        milliseconds = int(self._wish.timeout_seconds * 1000)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
        capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG, limits)
        self._adopt(capture, "does the address answer?")
