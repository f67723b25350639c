"""What may be asked on ``request/<command>``, and how a request is read: strict, small, and never with a traceback."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from emotiond.records import Request, Tuning

#: A request is a few words; whatever is longer is none.
LONGEST_BYTES: Final = 4096
Transaction = Annotated[str, Meta(max_length=200)] | int | None


class RequestError(Exception):
    """A request that cannot be carried out; the message is one line, the transaction what the request gave."""

    def __init__(self, message: str, transaction: str | int | None = None) -> None:
        super().__init__(message)
        self.transaction = transaction


class _Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every request may hold."""

    transaction: Transaction = None


class Ping(_Ask, frozen=True):
    """``request/ping``: answers at once."""


class Info(_Ask, frozen=True):
    """``request/info``: what runs here, and with which settings."""


class Reload(_Ask, frozen=True):
    """``request/reload``: read the configuration file again and apply all of it, or nothing where it is wrong."""


class Pause(_Ask, frozen=True):
    """``request/pause``: read no faces of one camera, or of all; every face leaves."""

    camera: str | None = None
    #: False resumes: one topic is enough for a switch.
    paused: bool = True


class Resume(_Ask, frozen=True):
    """``request/resume``: the opposite of pause."""

    camera: str | None = None


class Set(_Ask, frozen=True):
    """``request/set``: change rates and thresholds until the next start or reload; all of them or none."""

    #: Frames of each live camera that are read per second at most; 0 lifts the limit.
    frames_per_second: Annotated[float, Meta(ge=0.0, le=1000.0)] | None = None
    #: The room's mood is published at most this often, unless its emotion changes.
    interval_seconds: Annotated[float, Meta(gt=0.0, le=3600.0)] | None = None
    #: As in ``[mood]``, and as in the sidecar of the network.
    change_margin: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    change_dwell_seconds: Annotated[float, Meta(ge=0.0, le=3600.0)] | None = None
    unknown_below: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None


#: Each command with the class of its request.
COMMANDS: Final[dict[str, type[_Ask]]] = {
    "pause": Pause,
    "resume": Resume,
    "reload": Reload,
    "ping": Ping,
    "info": Info,
    "set": Set,
}


def read_request(command: str, payload: bytes, cameras: frozenset[str]) -> Request:
    """Read the payload of ``request/<command>``, empty or a JSON object; raise ``RequestError`` for what is none."""
    kind = COMMANDS.get(command)
    if kind is None:
        raise RequestError(f"no such command; there are {', '.join(COMMANDS)}")
    if len(payload) > LONGEST_BYTES:
        raise RequestError(f"{len(payload)} bytes; a request has at most {LONGEST_BYTES}")
    try:
        ask = msgspec.json.decode(payload or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"not a request: {error}", _transaction_in(payload)) from error
    if isinstance(ask, Pause | Resume):
        return _pause(ask, cameras)
    if isinstance(ask, Set):
        return _set(ask)
    return Request(command, ask.transaction)


def _pause(ask: Pause | Resume, cameras: frozenset[str]) -> Request:
    if ask.camera is not None and ask.camera not in cameras:
        raise RequestError(f"no camera of that name; there are {', '.join(sorted(cameras))}", ask.transaction)
    chosen = cameras if ask.camera is None else frozenset({ask.camera})
    return Request(
        "pause" if isinstance(ask, Pause) and ask.paused else "resume",
        ask.transaction,
        cameras=chosen,
        asked="pause" if isinstance(ask, Pause) else "resume",
    )


def _set(ask: Set) -> Request:
    values = {
        field.name: getattr(ask, field.name) for field in msgspec.structs.fields(Set) if field.name != "transaction"
    }
    if all(value is None for value in values.values()):
        raise RequestError(f"nothing to set; there are {', '.join(values)}", ask.transaction)
    return Request("set", ask.transaction, tuning=Tuning(**values))


def _transaction_in(payload: bytes) -> str | int | None:
    """Find the transaction of a request that is wrong elsewhere, so that whoever asked can tell which."""
    try:
        anything = msgspec.json.decode(payload)
        return msgspec.convert(anything.get("transaction"), Transaction) if isinstance(anything, dict) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
