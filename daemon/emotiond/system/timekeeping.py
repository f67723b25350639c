"""Whether the time of day can be believed: boards without a clock chip start with a wrong one."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Final

#: No clock that is right tells an earlier time: 1 January 2026.
RELEASED_SECONDS: Final = 1_767_225_600.0
_UNSYNCHRONISED: Final = 5
#: Larger than the kernel's ``struct timex`` on every architecture.
_TIMEX_BYTES: Final = 512


def clock_is_set() -> bool:
    """Say whether the time of day is right as far as the machine knows.

    Computers have a clock chip, and virtual machines and containers their host's time; a board that has neither is
    right as soon as the kernel has been told that the network's time was taken over.
    """
    if time.time() < RELEASED_SECONDS:
        return False
    return _has_clock_chip() or not Path("/proc/device-tree/model").exists() or _synchronised()


def machine_boot() -> str:
    """Name this start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def _has_clock_chip() -> bool:
    return Path("/sys/class/rtc/rtc0").exists()


def _synchronised() -> bool:
    # A sandbox with ProtectClock= keeps the kernel's answer from us; systemd-timesyncd leaves a word for everybody.
    if Path("/run/systemd/timesync/synchronized").exists():
        return True
    # All zero asks for nothing to be changed, so it needs no rights.
    question = ctypes.create_string_buffer(_TIMEX_BYTES)
    answer = ctypes.CDLL(None).adjtimex(question)
    return bool(0 <= answer < _UNSYNCHRONISED)
