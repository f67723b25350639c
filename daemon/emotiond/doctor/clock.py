"""The time of day, without which events carry no true time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from emotiond.doctor.finding import Finding, ok, warning
from emotiond.doctor.patient import Patient
from emotiond.system.timekeeping import clock_is_set


def examine(patient: Patient) -> list[Finding]:
    """Ask whether the clock can be believed."""
    return [judge(time.time(), believed=clock_is_set() or bool(patient.config and patient.config.mqtt.trust_clock))]


def judge(now_seconds: float, *, believed: bool) -> Finding:
    """Say what a clock that shows ``now_seconds`` since 1970 means."""
    shown = f"{datetime.fromtimestamp(now_seconds, UTC):%Y-%m-%d %H:%M} UTC"
    if believed:
        return ok("clock", shown)
    return warning("clock", f"{shown}: nobody has set it", "sudo timedatectl set-ntp true")
