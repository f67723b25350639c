"""All that is looked at, in the order in which it is told, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from emotiond.doctor import (
    broker,
    cameras,
    clock,
    disk,
    kernels,
    machine,
    networks,
    permissions,
    power,
    service,
    settings,
)
from emotiond.doctor.finding import Finding, Level
from emotiond.doctor.patient import Patient

CHECKS: Final = (machine, kernels, networks, settings, permissions, cameras, broker, service, clock, disk, power)


def examine(file: Path, root: Path = Path("/")) -> list[Finding]:
    """Look at everything that ``file`` and the machine below ``root`` have."""
    config, said = settings.read(file)
    patient = Patient(config, file, root)
    return [said, *(finding for check in CHECKS for finding in check.examine(patient))]


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0 where all is well, 1 where something is not as good as it could be, 2 where something fails."""
    order = (Level.OK, Level.WARNING, Level.FAILURE)
    return max((order.index(finding.level) for finding in findings), default=0)
