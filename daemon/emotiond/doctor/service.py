"""The service, as systemd sees it."""

from __future__ import annotations

import subprocess
from typing import Final

from emotiond.doctor.finding import Finding, failure, ok, warning
from emotiond.doctor.patient import Patient

ASKED: Final = ("LoadState", "ActiveState", "SubState", "Result", "NRestarts", "ExecMainStatus", "UnitFileState")
SECONDS: Final = 10.0
JOURNAL: Final = "read why: journalctl -u emotiond -n 20"
#: More restarts than this since it was started are no accident.
RESTARTS: Final = 3


def examine(patient: Patient) -> list[Finding]:
    """Ask systemd."""
    if not (patient.root / "run/systemd/system").exists():
        return [ok("service", "systemd does not run here")]
    command = ["systemctl", "show", "emotiond.service", f"--property={','.join(ASKED)}"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return [warning("service", f"systemd does not answer: {error}", "systemctl status emotiond")]
    return [judge(answer)]


def judge(answer: str) -> Finding:
    """Say what the answer of ``systemctl show`` means."""
    said = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
    active, restarts = said.get("ActiveState", ""), int(said.get("NRestarts") or 0)
    if said.get("LoadState") == "not-found":
        return warning("service", "is not installed", "sudo ./deploy/install.sh")
    if active == "failed" or said.get("SubState") == "auto-restart":
        code = said.get("ExecMainStatus", "")
        why = "the configuration is wrong" if code == "2" else said.get("Result", "")
        return failure("service", f"has failed with code {code}: {why}", JOURNAL)
    if active not in ("active", "activating", "reloading"):
        return failure("service", f"is {active or 'unknown'}", "sudo systemctl enable --now emotiond")
    if restarts > RESTARTS:
        return warning("service", f"runs, and has been started again {restarts} times", JOURNAL)
    if said.get("UnitFileState") not in ("enabled", "static", ""):
        return warning("service", "runs, and will not start with the machine", "sudo systemctl enable emotiond")
    return ok("service", "runs" if active == "active" else f"is {active}")
