"""From the text in the configuration to the source that it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import parse_qsl, unquote

import msgspec

from emotiond.capture.csi import Csi, Which
from emotiond.capture.database import Columns, Database
from emotiond.capture.pictures import SUFFIXES, Pictures
from emotiond.capture.source import AddressError, Source, Wish
from emotiond.capture.stdin import Shape, StandardInput
from emotiond.capture.stream import Stream
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.capture.v4l2 import V4l2
from emotiond.capture.video import Video

Form = TypeVar("Form", bound=msgspec.Struct)


def source_of(address: str, wish: Wish) -> Source:
    """Return the source that ``address`` names, not yet open; raise ``AddressError`` where it can be none."""
    scheme = re.match(r"[a-z][a-z0-9+.-]*:(//)?", address)
    if scheme and scheme[0] in _SCHEMES:
        return _SCHEMES[scheme[0]](address, wish)
    if scheme and scheme[1]:
        raise AddressError(f"{scheme[0]}: no such kind of source; there are {', '.join(_SCHEMES)}")
    if address == "-":
        return Stream(address, wish)
    if address.startswith("-?"):
        return StandardInput(_parameters(address, Shape, "raw pictures have"), wish)
    return _of_path(Path(f"/dev/video{address}" if address.isdigit() else address), wish)


def _of_path(path: Path, wish: Wish) -> Source:
    if path.is_relative_to("/dev"):
        return V4l2(path, wish)
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return Pictures(path)
    return Video(path)


def _synthetic(address: str, _wish: Wish) -> Source:
    return Synthetic(_parameters(address, Parameters, "a scene has"))


def _csi(address: str, wish: Wish) -> Source:
    return Csi(_parameters(address, Which, "there is"), wish)


def _database(address: str, _wish: Wish) -> Source:
    path = Path(unquote(address.removeprefix("sqlite://").partition("?")[0]))
    return Database(path, _parameters(address, Columns, "a database has"))


_SCHEMES: Final[dict[str, Callable[[str, Wish], Source]]] = {
    **dict.fromkeys(("rtsp://", "rtsps://", "http://", "https://"), Stream),
    "csi:": _csi,
    "sqlite://": _database,
    "synthetic:": _synthetic,
}


def _parameters(address: str, form: type[Form], there_is: str) -> Form:
    query = address.partition("?")[2]
    try:
        return msgspec.convert(dict(parse_qsl(query, strict_parsing=bool(query))), form, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        known = ", ".join(field.name for field in msgspec.structs.fields(form))
        raise AddressError(f"{address}: {error}; {there_is} {known}") from error
