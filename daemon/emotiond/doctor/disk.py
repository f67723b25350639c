"""The disk that events wait on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from emotiond.doctor.finding import Finding, failure, ok, warning
from emotiond.doctor.patient import Patient

FULL_MEGABYTES: Final = 4.0
LOW_MEGABYTES: Final = 100.0


def examine(patient: Patient) -> list[Finding]:
    """Look for room where the state is kept; nothing is written."""
    folder = patient.state_folder or patient.root / "var/lib"
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return [judge(folder)]


def judge(folder: Path) -> Finding:
    """Say whether there is room in ``folder``."""
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize / 1e6
    remedy = "see what fills it: sudo du -xh --max-depth=2 / | sort -h | tail"
    if space.f_flag & os.ST_RDONLY:
        return failure("disk", f"{folder}: cannot be written at all", "sudo mount -o remount,rw /, then: dmesg | tail")
    if free < FULL_MEGABYTES or (space.f_files and not space.f_favail):
        return failure("disk", f"{folder}: full", remedy)
    if free < LOW_MEGABYTES:
        return warning("disk", f"{folder}: only {free:.0f} MB are free", remedy)
    return ok("disk", f"{folder}: {free / 1000:.1f} GB free")
