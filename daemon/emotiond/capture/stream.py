"""A camera behind an address, or a stream on standard input: decoded by a child that can be killed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec
import numpy as np

from emotiond.capture.leash import GoneError, Leash
from emotiond.capture.source import Picture, PictureError, SourceError, Wish
from emotiond.capture.wire import LENGTH_BYTES, Kind, Note, Order, WireError, length_of, unpacked
from emotiond.records import PixelFormat

#: Loading a program takes seconds on a slow card, whatever the camera does.
START_SECONDS: Final = 60.0
#: What a connection takes beyond the first answer: the login, and the first whole picture.
CONNECT_SECONDS: Final = 5.0
_FORMATS: Final[Mapping[int, PixelFormat]] = {1: PixelFormat.GRAY, 3: PixelFormat.BGR}


class Stream:
    """RTSP, HTTP or ``-``; a password in the address is never told."""

    live = True
    still = False
    paced = True

    def __init__(self, address: str, wish: Wish) -> None:
        scheme, mark, rest = address.partition("://")
        login, at, place = rest.rpartition("@")
        self._name = f"{scheme}://{place}" if mark else "standard input"
        # A password may hold what means something in an address.
        user, colon, password = login.partition(":")
        whole = f"{scheme}{mark}{quote(user, safe='%')}{colon}{quote(password, safe='%')}{at}{place}"
        self._order = Order(whole, wish.timeout_seconds, wish.transport, wish.color)
        self._child: Leash | None = None
        self._prefix = bytearray(LENGTH_BYTES)
        self.left_out = 0

    @property
    def pid(self) -> int | None:
        """Process id of the decoder; None while there is none."""
        return self._child.pid if self._child else None

    def open(self) -> None:
        """Connect; raise ``SourceError`` where nothing answers in time."""
        self.close()
        stdin = 0 if self._order.address == "-" else subprocess.DEVNULL
        order = msgspec.msgpack.encode(self._order)
        try:
            self._child = Leash(["emotiond.capture.decoder"], order, stdin=stdin)
        except GoneError as error:
            raise SourceError(f"{self._name}: its decoder {error}") from error
        self._expect(Kind.STARTED, START_SECONDS)
        self._expect(Kind.OPENED, self._order.timeout_seconds + CONNECT_SECONDS)

    def read(self) -> Picture | None:
        """Return the newest picture, None where standard input has ended.

        Raises ``PictureError`` where one was damaged, ``SourceError`` when the camera is gone or too slow.
        """
        deadline = time.monotonic() + self._order.timeout_seconds
        note = self._note(deadline)
        if note.kind is Kind.FLAW:
            raise PictureError(f"{self._name}: a picture was left out: {note.reason}")
        if note.kind is Kind.ENDED and self._order.address == "-":
            return None
        if note.kind is not Kind.PICTURE:
            raise SourceError(f"{self._name}: {note.reason or 'stopped giving frames'}")
        pixels = np.empty(note.shape, np.uint8)
        self._fill(pixels.reshape(-1).data, deadline)
        form = _FORMATS[note.channels]
        return Picture(pixels, note.taken_seconds, self._name, form, note.taken_seconds, note.stream_seconds)

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _expect(self, kind: Kind, seconds: float) -> None:
        note = self._note(time.monotonic() + seconds)
        if note.kind is not kind:
            self.close()
            raise SourceError(f"{self._name}: {note.reason or note.kind}")

    def _note(self, deadline: float) -> Note:
        self._fill(memoryview(self._prefix), deadline)
        try:
            body = bytearray(length_of(self._prefix))
            self._fill(memoryview(body), deadline)
            note = unpacked(bytes(body))
        except WireError as error:
            raise SourceError(f"{self._name}: its decoder says what cannot be understood: {error}") from error
        self.left_out += note.left_out
        return note

    def _fill(self, buffer: memoryview, deadline: float) -> None:
        if self._child is None:
            raise SourceError(f"{self._name}: not open")
        try:
            self._child.fill(buffer, deadline)
        except TimeoutError as error:
            raise SourceError(f"{self._name}: no frame within {self._order.timeout_seconds:g} s") from error
        except GoneError as error:
            raise SourceError(f"{self._name}: its decoder {error}") from error
