"""What the service's user may read and write."""

from __future__ import annotations

from emotiond.doctor.account import ENTER, READ, WRITE
from emotiond.doctor.finding import Finding, failure, ok
from emotiond.doctor.patient import Patient


def examine(patient: Patient) -> list[Finding]:
    """Look at the configuration and at the state's folder."""
    account, folder = patient.account, patient.state_folder
    try:
        if patient.file.exists() and not account.may(patient.file, READ):
            remedy = f"sudo chgrp emotiond {patient.file} && sudo chmod 640 {patient.file}"
            return [failure("rights", f"{patient.file}: {account.name} may not read it", remedy)]
        if folder is not None and folder.exists() and not account.may(folder, READ | WRITE | ENTER):
            remedy = f"sudo chown emotiond:emotiond {folder} && sudo chmod 700 {folder}"
            return [failure("rights", f"{folder}: {account.name} may not write there", remedy)]
    except PermissionError as error:
        remedy = "ask with more rights: sudo emotiond doctor"
        return [failure("rights", f"{error.filename}: cannot be looked at", remedy)]
    return [ok("rights", f"{account.name} may read the settings" + (f" and write {folder}" if folder else ""))]
