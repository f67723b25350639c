"""The machine: what it is, and whether we run on its like; versions of all that matters."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from typing import Final

from emotiond import __version__
from emotiond.doctor.finding import Finding, failure, ok
from emotiond.doctor.patient import Patient

SUPPORTED: Final = ("x86_64", "aarch64")
LIBRARIES: Final = ("numpy", "opencv-python-headless", "ai-edge-litert", "tflite-runtime", "paho-mqtt")


def examine(patient: Patient) -> list[Finding]:
    """Look at processor, Python and libraries."""
    if patient.architecture not in SUPPORTED:
        return [
            failure(
                "machine",
                f"{patient.architecture} is not supported: there are no networks' runtimes for it",
                "write a 64-bit system to the card (Raspberry Pi OS Lite, 64-bit), then: sudo ./deploy/install.sh",
            )
        ]
    system = f"Python {platform.python_version()}, emotiond {__version__}"
    return [
        ok("machine", f"{_model(patient)}, {os.cpu_count()} cores, {patient.architecture}, {system}"),
        ok("versions", ", ".join(_versions())),
    ]


def _model(patient: Patient) -> str:
    try:
        return (patient.root / "proc/device-tree/model").read_text(encoding="utf-8").strip("\0\n ")
    except OSError:
        pass
    try:
        lines = (patient.root / "proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else sys.platform


def _versions() -> list[str]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name.removesuffix('-python-headless')} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
