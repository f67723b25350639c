"""What the figures were measured on: the machine, the versions, and what this process takes of it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
from pathlib import Path
from typing import Any, Final

import cv2

from emotiond import __version__
from emotiond.system.cores import cores

_PACKAGES: Final = ("numpy", "ai-edge-litert", "tflite-runtime", "paho-mqtt", "openvino", "onnxruntime", "fer", "keras")


def describe(threads: int) -> dict[str, Any]:
    """Return machine, versions and threads in words and numbers, ready for JSON."""
    return {
        "processor": _field("/proc/cpuinfo", "model name") or _board() or platform.processor() or platform.machine(),
        "architecture": platform.machine(),
        "cores": cores(),
        "memory_megabytes": round(_kilobytes("/proc/meminfo", "MemTotal") / 1024),
        "system": platform.platform(),
        "python": platform.python_version(),
        "emotiond": __version__,
        "opencv": cv2.__version__,
        **{name: version for name in _PACKAGES if (version := _version(name))},
        "threads": threads,
        "opencv_threads": cv2.getNumThreads(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def resident_megabytes(process: int | str = "self") -> float:
    """Return the memory that a process has in use now."""
    return _kilobytes(f"/proc/{process}/status", "VmRSS") / 1024.0


def processor_seconds() -> float:
    """Return the time that all threads of this process have spent on the processor."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _board() -> str:
    try:
        return Path("/proc/device-tree/model").read_text(encoding="utf-8").rstrip("\0\n")
    except OSError:
        return ""


def _kilobytes(file: str, key: str) -> float:
    words = _field(file, key).split()
    return float(words[0]) if words else 0.0


def _field(file: str, key: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = [line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key]
    return found[0] if found else ""
