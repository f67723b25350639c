"""Turns what is wrong with a file into the words of whoever wrote it: table and key, and what was perhaps meant."""

from __future__ import annotations

import difflib
import re

import msgspec

from emotiond.config.cameras import Camera
from emotiond.config.table import Table
from emotiond.config.tables import Config


def explain(message: str) -> str:
    """Turn msgspec's words (``… - at `$.mqtt.port```) into ``[mqtt] port: …``."""
    what, _, where = message.partition(" - at `$")
    path = [part for part in re.findall(r"\w+|\.\.\.", where) if not part.isdigit() and part != "..."]
    unknown = re.search(r"unknown field `(.+)`", what)
    if unknown:
        return _unknown(unknown[1], path)
    depth = 1
    while depth < len(path) and _table_at(path[: depth + 1]) is not None:
        depth += 1
    key = " ".join(path[depth:])
    return f"{_heading(path[:depth])}{' ' + key if key else ''}: {what[0].lower()}{what[1:]}"


def _heading(path: list[str]) -> str:
    return f"[[{path[0]}]]" if path == ["camera"] else f"[{'.'.join(path)}]"


def _table_at(path: list[str]) -> type[Table] | None:
    """Find the class of the table that ``path`` leads to; None where it leads to a key."""
    table: type[Table] = Config
    for name in path:
        kinds = {field.name: field.type for field in msgspec.structs.fields(table)}
        kind = Camera if (table is Config and name == "camera") else kinds.get(name)
        if not (isinstance(kind, type) and issubclass(kind, Table)):
            return None
        table = kind
    return table


def _unknown(name: str, path: list[str]) -> str:
    keys = [field.name for field in msgspec.structs.fields(_table_at(path) or Config)]
    near = difflib.get_close_matches(name, keys, n=1)
    if not path:
        return f"[{name}]: no such table" + (
            f"; did you mean [{near[0]}]?" if near else f"; there are {', '.join(keys)}"
        )
    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(keys)}"
    return f"{_heading(path)} {name}: no such key{hint}"
