"""The CSI camera of a Raspberry Pi, through the program that comes with its system: ``rpicam-vid``."""

from __future__ import annotations

import shutil
import time
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from emotiond.capture.leash import GoneError, Leash
from emotiond.capture.rawpipe import picture_of, size_of
from emotiond.capture.source import Picture, SourceError, Wish

#: Its name now, and its name until 2024.
PROGRAMS: Final = ("rpicam-vid", "libcamera-vid")
#: Raw pictures on standard output, for ever, and no window.
OPTIONS: Final = ("--codec", "yuv420", "--output", "-", "--timeout", "0", "--nopreview", "--verbose", "0")
#: The program finds the sensor and sets up the picture processor before the first picture.
START_SECONDS: Final = 15.0
#: Rows of a raw picture are as long as this divides, or they come with a margin that nobody tells.
WIDTH_STEP: Final = 64


class Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can stand behind ``csi:?``."""

    #: The second connector is 1.
    camera: Annotated[int, Meta(ge=0, le=7)] = 0


class Csi:
    """A child that writes raw pictures into a pipe."""

    live = True
    still = False
    paced = True

    def __init__(self, which: Which, wish: Wish) -> None:
        self._name = f"csi:{which.camera}" if which.camera else "csi:"
        self._which = which
        self._wish = wish
        # The picture processor wants even rows, and its own multiple of columns.
        self._width = max(WIDTH_STEP, wish.width_pixels // WIDTH_STEP * WIDTH_STEP)
        self._height = max(2, wish.height_pixels // 2 * 2)
        self._child: Leash | None = None
        self._first = True

    def open(self) -> None:
        """Start the program; raise ``SourceError`` where it is not installed."""
        self.close()
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise SourceError(f"{self._name}: there is no rpicam-vid; apt install rpicam-apps-lite")
        size = ("--width", str(self._width), "--height", str(self._height))
        speed = ("--framerate", f"{self._wish.frames_per_second:g}", "--camera", str(self._which.camera))
        try:
            self._child = Leash(["emotiond.capture.leash", program, *OPTIONS, *size, *speed])
        except GoneError as error:
            raise SourceError(f"{self._name}: rpicam-vid {error}") from error
        self._first = True

    def read(self) -> Picture | None:
        """Return the newest picture; raise ``SourceError`` when the camera is gone or too slow."""
        if self._child is None:
            raise SourceError(f"{self._name}: not open")
        seconds = START_SECONDS if self._first else self._wish.timeout_seconds
        buffer = np.empty(size_of("yuv420", self._width, self._height), np.uint8)
        try:
            self._child.fill(buffer.data, time.monotonic() + seconds)
        except TimeoutError as error:
            words = self._child.last_words()
            raise SourceError(
                f"{self._name}: no frame within {seconds:g} s" + (f": {words}" if words else "")
            ) from error
        except GoneError as error:
            raise SourceError(f"{self._name}: rpicam-vid {error}") from error
        self._first = False
        now = time.monotonic()
        pixels, form = picture_of(buffer, "yuv420", self._width, self._height, color=self._wish.color)
        return Picture(pixels, now, self._name, form, now)

    def close(self) -> None:
        """End the program."""
        if self._child is not None:
            self._child.kill()
            self._child = None
