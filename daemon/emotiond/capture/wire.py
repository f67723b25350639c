"""What a decoder says to the daemon over its pipe: a note, and after it the pixels that the note announces."""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Final

import msgspec


class Kind(StrEnum):
    """What a note is about."""

    #: The decoder's program has been loaded.
    STARTED = "started"
    #: The camera answers.
    OPENED = "opened"
    PICTURE = "picture"
    #: A picture that was damaged and is not handed on.
    FLAW = "flaw"
    #: The camera or the stream is gone; nothing follows.
    FAILED = "failed"
    #: The stream is over, and nothing was wrong.
    ENDED = "ended"


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """One note; the pixels behind it, if any, are u8 (height, width, channels)."""

    kind: Kind
    reason: str = ""
    height: int = 0
    width: int = 0
    channels: int = 0
    #: When the picture was taken, by the monotonic clock, which all processes of a machine share.
    taken_seconds: float = 0.0
    #: The stream's own time, where it has one.
    stream_seconds: float | None = None
    #: Pictures since the last note that were left out, as newer ones were there.
    left_out: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the pixels that follow."""
        return self.height, self.width, self.channels


class Order(msgspec.Struct, frozen=True):
    """What a decoder is asked to do. It goes through a pipe: a command line can be read by everybody."""

    #: An rtsp:// or http:// address with user and password, or ``-`` for standard input.
    address: str
    timeout_seconds: float
    transport: str = "tcp"
    #: BGR pictures in place of gray ones.
    color: bool = False


_LENGTH: Final = struct.Struct("<I")
LENGTH_BYTES: Final = _LENGTH.size
#: A longer note is none: what came out of the pipe is something else.
LONGEST_NOTE: Final = 4096
_TYPE: Final = msgspec.msgpack.Decoder(Note)


class WireError(Exception):
    """What came out of the pipe is no note."""


def packed(note: Note) -> bytes:
    """Return what goes into the pipe for ``note``."""
    body = msgspec.msgpack.encode(note)
    return _LENGTH.pack(len(body)) + body


def length_of(prefix: bytes | bytearray) -> int:
    """Return how long the note behind ``prefix`` is; raise ``WireError`` where that is no length."""
    (length,) = _LENGTH.unpack(prefix)
    if not 0 < length <= LONGEST_NOTE:
        raise WireError(f"a note of {length} bytes")
    return int(length)


def unpacked(body: bytes) -> Note:
    """Return the note in ``body``; raise ``WireError`` where there is none."""
    try:
        return _TYPE.decode(body)
    except msgspec.DecodeError as error:
        raise WireError(str(error)) from error
