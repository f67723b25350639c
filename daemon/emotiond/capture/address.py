"""From the text in the configuration to the source that it means."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec

from emotiond.capture.camera import Stream, V4l2, Wish
from emotiond.capture.pictures import SUFFIXES, Pictures
from emotiond.capture.source import AddressError, Source
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.capture.video import Video

_STREAMS = ("rtsp", "rtsps", "http", "https")


def source_of(address: str, wish: Wish) -> Source:
    """Return the source that ``address`` names, not yet open; raise ``AddressError`` where it can be none."""
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
    if scheme and scheme[1] == "synthetic":
        return Synthetic(_parameters(address))
    if scheme and scheme[1] in _STREAMS and address.startswith(f"{scheme[1]}://"):
        return Stream(address, wish)
    if scheme and "://" in address:
        raise AddressError(f"{scheme[1]}://: no such kind of source; there are {', '.join(_STREAMS)} and synthetic:")
    if address.isdigit():
        return V4l2(Path(f"/dev/video{address}"), wish)
    path = Path(address)
    if path.is_relative_to("/dev"):
        return V4l2(path, wish)
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return Pictures(path)
    return Video(path)


def _parameters(address: str) -> Parameters:
    query = address.partition("?")[2]
    try:
        return msgspec.convert(dict(parse_qsl(query, strict_parsing=bool(query))), Parameters, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        known = ", ".join(field.name for field in msgspec.structs.fields(Parameters))
        raise AddressError(f"{address}: {error}; a scene has {known}") from error
