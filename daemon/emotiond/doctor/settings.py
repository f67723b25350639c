"""The configuration, and what follows from where the device stands."""

from __future__ import annotations

import os
from pathlib import Path

from emotiond.config import Config, ConfigError, load
from emotiond.config.privacy import notice, room_only
from emotiond.doctor.finding import Finding, failure, ok, warning
from emotiond.doctor.patient import Patient


def read(file: Path) -> tuple[Config | None, Finding]:
    """Read the configuration; return it where it can be used, and what is to be said of it."""
    try:
        config = load(file) if os.path.lexists(file) else Config()
    except ConfigError as error:
        text = str(error).removeprefix(f"{file}: ")
        if "Permission denied" in text:
            return None, failure("settings", f"{file}: {text}", "ask with more rights: sudo emotiond doctor")
        return None, failure("settings", f"{file}: {text}", f"mend it, then ask again: sudo nano {file}")
    if os.path.lexists(file):
        return config, ok("settings", f"{file}: {len(config.camera)} camera{'s' if len(config.camera) > 1 else ''}")
    return config, ok("settings", f"no {file}: every key is at its default")


def examine(patient: Patient) -> list[Finding]:
    """Say how much is told of single faces, and what the law says of the place."""
    if patient.config is None:
        return []
    said = notice(patient.config)
    if said:
        return [warning("privacy", said, "read what follows: docs/privacy.md")]
    if room_only(patient.config):
        return [
            ok("privacy", f"room mode: only the mood of the room, from {patient.config.privacy.min_faces} faces up")
        ]
    return [ok("privacy", "tells of each face, identifies nobody, stores no picture")]
