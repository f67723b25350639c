"""Heat and power: how warm it is, and what a Raspberry Pi's firmware holds back for."""

from __future__ import annotations

from typing import Final

from emotiond.config import Config
from emotiond.doctor.finding import Finding, failure, ok, warning
from emotiond.doctor.patient import Patient
from emotiond.system.heat import FIRMWARE, cpu_celsius, hindrance

SUPPLY: Final = "use the maker's power supply and cable, then: sudo reboot"
COOL: Final = "give it a heat sink or a fan, then: sudo reboot"


def examine(patient: Patient) -> list[Finding]:
    """Read the thermal zones and the firmware's bits."""
    firmware = patient.root / FIRMWARE.relative_to("/")
    now, since = hindrance(firmware), hindrance(firmware, since_start=True)
    return [_power(now, since), _heat(patient)]


def _power(now: str, since: str) -> Finding:
    if "undervoltage" in now:
        return failure("power", f"{now}, now", SUPPLY)
    if now:
        return warning("power", f"{now}, now", COOL)
    if since:
        return warning("power", f"{since} since the start", SUPPLY if "undervoltage" in since else COOL)
    return ok("power", "nothing is held back")


def _heat(patient: Patient) -> Finding:
    celsius = cpu_celsius(patient.root / "sys/class/thermal")
    hot = (patient.config or Config()).governor.hot_celsius
    if celsius is None:
        return ok("heat", "the machine does not tell")
    if celsius >= hot:
        return warning("heat", f"{celsius:.0f} °C: the work is stepped down from {hot:.0f} °C on", COOL)
    return ok("heat", f"{celsius:.0f} °C")
