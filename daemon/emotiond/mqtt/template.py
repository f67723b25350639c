"""Pieces that the entities of Home Assistant are made of: availability, numbers that keep still, ids."""

from __future__ import annotations

import hashlib
import re
from typing import Any

Component = dict[str, Any]


def availability(*topics: str) -> Component:
    """Write that an entity is there while each of ``topics`` says ``online``."""
    return {"availability": [{"topic": topic} for topic in topics], "availability_mode": "all"}


def steady(value: str, dead_band: int, times: int = 1) -> str:
    """Write a template that keeps the last whole number until the new one is ``dead_band`` away from it."""
    return (
        f"{{% set new = {value} %}}"
        "{% if new is none %}None{% else %}"
        f"{{% set new = (new * {times}) | round(0) | int %}}"
        "{% set old = this.state | int(none) %}"
        f"{{{{ old if old is not none and (new - old) | abs < {dead_band} else new }}}}"
        "{% endif %}"
    )


def slug_of(name: str) -> str:
    """Turn a name into what may stand in an id; names that would become one and the same stay apart."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if slug == name:
        return slug
    return f"{slug}_{hashlib.sha256(name.encode()).hexdigest()[:6]}".strip("_")
