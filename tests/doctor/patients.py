"""Machines below a folder of their own, whole until a test breaks them."""

from __future__ import annotations

from pathlib import Path

from emotiond.config import Config
from emotiond.doctor.finding import Finding, Level
from emotiond.doctor.patient import Patient


def machine(root: Path, *, bits: int = 0, celsius: float = 48.0) -> Path:
    """Write what a Raspberry Pi with an installed service has: sysfs, users, groups, unit."""
    files = {
        "sys/devices/platform/soc/soc:firmware/get_throttled": f"{bits:x}\n",
        "sys/class/thermal/thermal_zone0/temp": f"{round(celsius * 1000)}\n",
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
        "etc/passwd": "root:x:0:0::/root:/bin/sh\nemotiond:x:64998:64998::/:/usr/sbin/nologin\n",
        "etc/group": "root:x:0:\nvideo:x:64044:pi\nemotiond:x:64998:\n",
        "usr/lib/systemd/system/emotiond.service": "[Service]\nUser=emotiond\nSupplementaryGroups=video\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def bare(root: Path) -> Path:
    """Write a machine without a service, with this machine's own processes."""
    (root / "etc").mkdir(parents=True)
    (root / "proc").symlink_to("/proc")
    return root


def patient(root: Path, config: Config | None = None, **more: str) -> Patient:
    """Return a patient on that machine, or on the real one where there is none."""
    return Patient(
        config or Config(), root / "etc/emotiond/emotiond.toml", root if (root / "etc").exists() else Path("/"), **more
    )


def assert_told(findings: list[Finding], level: Level, what: str, remedy: str) -> None:
    """One finding is this, and it can be typed."""
    (finding,) = [finding for finding in findings if finding.level is not Level.OK]
    assert finding.level is level, finding
    assert what in finding.what
    assert remedy in finding.remedy
    assert "\n" not in finding.what + finding.remedy
