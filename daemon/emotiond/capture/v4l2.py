"""A camera at the device itself: USB, or whatever else the kernel shows as /dev/video."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.capture.device import BY_ID, SYSFS, chosen, is_sensor, lasting_name, offers
from emotiond.capture.jpeg import JpegError, decoded
from emotiond.capture.source import Picture, PictureError, SourceError, Wish
from emotiond.records import PixelFormat

#: A time stamp of the driver's further away than this is of another clock than ours.
OTHER_CLOCK_SECONDS: Final = 60.0
#: How many bytes a pixel has; NV12 is a plane and a half.
_FORMATS: Final = {
    "GREY": (PixelFormat.GRAY, 1),
    "YUYV": (PixelFormat.YUYV, 2),
    "NV12": (PixelFormat.NV12, 1),
}


class V4l2:
    """Read by OpenCV as the driver gives it: raw pictures are passed on raw, JPEG is decoded here.

    A read that waits too long comes back by itself: ``OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT``, which ``__main__`` sets.
    """

    live = True
    still = False
    paced = True

    def __init__(self, device: Path, wish: Wish, by_id: Path = BY_ID, sysfs: Path = SYSFS) -> None:
        self._device = device
        self._wish = wish
        self._by_id = by_id
        self._sysfs = sysfs
        self._lasting: Path | None = None
        self._capture: cv2.VideoCapture | None = None
        self._fourcc = ""

    @property
    def device(self) -> Path:
        """Where the camera is now: the one that was here may have come back under another number."""
        if self._lasting is not None and self._lasting.exists():
            return self._lasting.resolve()
        return self._device

    def open(self) -> None:
        """Open the device; raise ``SourceError`` with the remedy where it is missing, forbidden or no camera."""
        device = self.device
        self._check(device)
        self._lasting = lasting_name(device, self._by_id) or self._lasting
        try:
            found = offers(device)
        except OSError as error:
            raise SourceError(f"{self._device}: cannot be opened: {error.strerror}") from error
        wish = self._wish
        fourcc = chosen(found, wish.format, wish.width_pixels, wish.height_pixels, wish.frames_per_second)
        if fourcc is None:
            codes = ", ".join(sorted({offer.fourcc for offer in found})) or "nothing"
            raise SourceError(f"{self._device}: format {wish.format}: not among what the camera offers ({codes})")
        capture = cv2.VideoCapture(str(device), cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*fourcc))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, wish.width_pixels)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.height_pixels)
        capture.set(cv2.CAP_PROP_FPS, wish.frames_per_second)
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        if not capture.isOpened():
            capture.release()
            raise SourceError(f"{self._device}: cannot be opened; is another program using it?")
        code = int(capture.get(cv2.CAP_PROP_FOURCC))
        self._fourcc = code.to_bytes(4, "little").decode("ascii", "replace")
        self._capture = capture

    def read(self) -> Picture | None:
        """Return the newest frame; raise ``PictureError`` for a damaged one, ``SourceError`` when the camera is gone."""
        capture, taken = self._grab()
        ok, buffer = capture.retrieve()
        if not ok or buffer is None or buffer.size == 0:
            raise SourceError(f"{self._device}: stopped giving frames")
        height = round(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        try:
            pixels, form = unpacked(np.asarray(buffer, np.uint8), self._fourcc, height, color=self._wish.color)
        except JpegError as error:
            raise PictureError(f"{self._device}: a picture was left out: {error}") from error
        return Picture(pixels, taken, str(self._device), form, taken, None)

    def skip(self) -> Picture:
        """Give the newest frame back as it is; raise ``SourceError`` when the camera is gone."""
        _, taken = self._grab()
        return Picture.undecoded(taken, str(self._device), taken)

    def close(self) -> None:
        """Give the camera back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _grab(self) -> tuple[cv2.VideoCapture, float]:
        """Wait for the newest frame; return what has it, and when it was taken."""
        if self._capture is None:
            raise SourceError(f"{self._device}: not open")
        before = time.monotonic()
        ok = self._capture.grab()
        now = time.monotonic()
        # After a timeout OpenCV returns True with an old frame once or twice: the clock knows better.
        if now - before >= self._wish.timeout_seconds:
            raise SourceError(f"{self._device}: no frame within {self._wish.timeout_seconds:g} s")
        if not ok:
            raise SourceError(f"{self._device}: stopped giving frames")
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
        return self._capture, stamp if 0.0 <= now - stamp < OTHER_CLOCK_SECONDS else now

    def _check(self, device: Path) -> None:
        try:
            mode = device.stat().st_mode
        except OSError as error:
            raise SourceError(f"{self._device}: no such camera; is it plugged in?") from error
        if is_sensor(device, self._sysfs):
            raise SourceError(f"{self._device}: is the bare sensor of a CSI camera; use csi:")
        if not stat.S_ISCHR(mode):
            raise SourceError(f"{self._device}: not a camera device")
        if not os.access(device, os.R_OK | os.W_OK):
            raise SourceError(f"{self._device}: no permission; add the user to the group `video`")


def unpacked(
    buffer: NDArray[np.uint8], fourcc: str, height: int, *, color: bool
) -> tuple[NDArray[np.uint8], PixelFormat]:
    """Return the pixels in a driver's buffer, and their format; they are ours, the buffer is the driver's.

    Raises ``JpegError`` where a JPEG is damaged, or where the buffer is too short for the picture.
    """
    flat = buffer.reshape(-1)
    if fourcc in ("MJPG", "JPEG"):
        # Drivers round the length up with zeros.
        pixels = decoded(flat.data, color=color)
        return pixels, PixelFormat.BGR if color else PixelFormat.GRAY
    if fourcc not in _FORMATS:
        raise JpegError(f"of a format that is not known ({fourcc})")
    form, channels = _FORMATS[fourcc]
    rows = height * 3 // 2 if form is PixelFormat.NV12 else height
    width = flat.size // (rows * channels) if rows else 0
    if width == 0 or flat.size != rows * width * channels:
        raise JpegError("cut short by the driver")
    return flat.reshape(rows, width, channels).copy(), form
