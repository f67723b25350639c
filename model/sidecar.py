"""What both networks' sidecars are written with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import msgspec

from model.dataset import DatasetError


def write(network: Path, sidecar: msgspec.Struct) -> None:
    """Write the sidecar of a ``.tflite`` for people as well as for the daemon; raise ``DatasetError`` without that file."""
    if not network.is_file():
        raise DatasetError(f"{network}: not there; a sidecar is written beside its network")
    network.with_suffix(".json").write_text(json.dumps(msgspec.to_builtins(sidecar), indent=2) + "\n", encoding="utf-8")


def commit() -> str:
    """Name what is checked out; empty where git does not know."""
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()
