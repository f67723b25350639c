"""Writes the reference of every table and key, from the classes themselves: docs/configuration.md."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import msgspec

from emotiond.config import cameras, device, tables
from emotiond.config.cameras import Camera
from emotiond.config.table import LARGEST, Table
from emotiond.config.tables import Config

INTRODUCTION: Final = """# Configuration

One TOML file, `/etc/emotiond/emotiond.toml` unless `--config` says otherwise. Every table and every key may be left
out. A key that does not exist or a value that cannot be stops the start with a line that names file, table and key, and
the key that was perhaps meant; `emotiond check` says so without starting anything.

This page is written by `emotiond check --keys`, from the classes that read the file; a test proves it current.
"""


def reference() -> str:
    """Return the reference as Markdown."""
    definitions = msgspec.json.schema(Config)["$defs"]
    comments = _comments(tables) | _comments(device) | _comments(cameras)
    parts = [INTRODUCTION]
    for heading, table in _tables("", Config):
        parts.append(f"\n## `{heading}`\n\n{_told_of(table)}\n\n| key | default | takes | |\n|---|---|---|---|\n")
        schema = definitions[table.__name__]["properties"]
        above = ""
        for field in msgspec.structs.fields(table):
            if isinstance(field.type, type) and issubclass(field.type, Table):
                continue
            told = comments.get((table.__name__, field.name), "") or (f"with `{above}`, above" if above else "")
            above = above if told.startswith("with ") else field.name
            row = (f"`{field.name}`", _written(field.default), _takes(schema[field.name]), told)
            parts.append("| " + " | ".join(part.replace("|", "\\|") for part in row) + " |\n")
    return "".join(parts)


def _tables(path: str, table: type[Table]) -> Iterator[tuple[str, type[Table]]]:
    for field in msgspec.structs.fields(table):
        if table is Config and field.name == "camera":
            yield "[[camera]]", Camera
            yield from _tables("camera", Camera)
        elif isinstance(field.type, type) and issubclass(field.type, Table):
            name = f"{path}.{field.name}" if path else field.name
            yield f"[{name}]", field.type
            yield from _tables(name, field.type)


def _told_of(table: type[Table]) -> str:
    told = inspect.cleandoc(table.__doc__ or "")
    words = re.sub(r"\A``[^`]*``: ", "", told).replace("``", "`")
    return words[:1].upper() + words[1:]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is msgspec.UNSET:
        return "not set"
    return '`""`' if value == "" else f"`{msgspec.json.encode(value).decode()}`"


def _takes(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(_written(value) for value in schema["enum"])
    names = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text"}
    if "anyOf" in schema:
        return " or ".join(_takes(one) for one in schema["anyOf"])
    takes = names.get(schema.get("type", ""), "list")
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    if low is None:
        return takes
    begin = f"{takes} from {low:g}" if "minimum" in schema else f"{takes} above {low:g}"
    high = schema.get("maximum", LARGEST)
    return f"{begin} to {high:g}" if high < LARGEST else begin


def _comments(module: ModuleType) -> dict[tuple[str, str], str]:
    """Read the ``#:`` lines above each key."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    found = {}
    for table in (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)):
        for field in (node for node in table.body if isinstance(node, ast.AnnAssign)):
            line, words = field.lineno - 2, []
            while line >= 0 and lines[line].strip().startswith("#:"):
                words.append(lines[line].strip()[2:].strip())
                line -= 1
            if isinstance(field.target, ast.Name):
                found[table.name, field.target.id] = " ".join(reversed(words)).replace("``", "`")
    return found
