"""How warm the processor is, and whether the machine slows itself down."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The Raspberry Pi's firmware: the low four bits say what goes on now (undervoltage, capped, throttled, soft limit).
FIRMWARE: Final = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
_NOW: Final = 0xF
_WORDS: Final = ("undervoltage", "frequency capped", "throttled", "soft temperature limit")
#: The same four bits, this far up, say what has gone on since the start of the machine.
_SINCE: Final = 16


def cpu_celsius(zones: Path = Path("/sys/class/thermal")) -> float | None:
    """Return the temperature of the warmest thermal zone; None where the machine has none."""
    readings = []
    for file in zones.glob("thermal_zone*/temp"):
        try:
            readings.append(int(file.read_text(encoding="ascii")) / 1000.0)
        except (OSError, ValueError):
            # A zone may be switched off, and then it refuses to be read.
            continue
    return max(readings, default=None)


def throttled(firmware: Path = FIRMWARE) -> bool | None:
    """Say whether the firmware holds the processor back now; None where it does not tell."""
    bits = _bits(firmware)
    return None if bits is None else bool(bits & _NOW)


def hindrance(firmware: Path = FIRMWARE, *, since_start: bool = False) -> str:
    """Say in words what the firmware holds back for, now or since the machine's start; empty is nothing."""
    bits = (_bits(firmware) or 0) >> (_SINCE if since_start else 0)
    return ", ".join(word for place, word in enumerate(_WORDS) if bits >> place & 1)


def _bits(firmware: Path) -> int | None:
    try:
        return int(firmware.read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        return None
