"""What both networks' sidecars are written with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import msgspec


def write(path: Path, sidecar: msgspec.Struct) -> None:
    """Write a sidecar for people as well as for the daemon."""
    path.write_text(json.dumps(msgspec.to_builtins(sidecar), indent=2) + "\n", encoding="utf-8")


def commit() -> str:
    """Name what is checked out; empty where git does not know."""
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()
