"""How warm the processor is, and whether the machine slows itself down."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The Raspberry Pi's firmware: the low four bits say what goes on now (undervoltage, capped, throttled, soft limit).
_FIRMWARE: Final = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
_NOW: Final = 0xF


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


def throttled(firmware: Path = _FIRMWARE) -> bool | None:
    """Say whether the firmware holds the processor back now; None where it does not tell."""
    try:
        return bool(int(firmware.read_text(encoding="ascii"), 16) & _NOW)
    except (OSError, ValueError):
        return None
