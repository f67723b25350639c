"""The cameras of the configuration: there, permitted, free, and giving frames."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from emotiond import cameras
from emotiond.capture.probe import probe
from emotiond.capture.source import Source
from emotiond.config import Camera, Config, ConfigError
from emotiond.doctor.account import READ, WRITE, groups
from emotiond.doctor.finding import Finding, failure, ok, warning
from emotiond.doctor.patient import Patient

#: How long a camera is watched.
SECONDS: Final = 1.5


def examine(patient: Patient) -> list[Finding]:
    """Look at each camera."""
    configured = patient.config.camera if patient.config else ()
    return [_camera(patient, patient.config, camera) for camera in configured if patient.config]


def _camera(patient: Patient, config: Config, camera: Camera) -> Finding:
    subject = "camera"
    try:
        source = cameras.configured_source(config, camera)
    except ConfigError as error:
        return failure(subject, str(error), patient.edit("source"))
    device = _device(camera.source)
    if device is not None:
        said = _held_back(patient, camera.name, device)
        if said is not None:
            return said
    return _look(patient, camera, source)


def _device(address: str) -> Path | None:
    """Return the device that an address names; None where it names something else."""
    path = Path(f"/dev/video{address}") if address.isdigit() else Path(address)
    return path if path.is_relative_to("/dev") else None


def _held_back(patient: Patient, name: str, device: Path) -> Finding | None:
    """Say what keeps the service from a device, without opening it."""
    try:
        status = device.stat()
    except OSError:
        what = f"{name}: {device}: no such camera"
        return failure("camera", what, "plug it in; what is there is shown by: ls /dev/video*")
    if not stat.S_ISCHR(status.st_mode):
        return failure("camera", f"{name}: {device}: not a camera device", patient.edit("[[camera]] source"))
    if not patient.account.may(device, READ | WRITE):
        return _forbidden(patient, name, device, status.st_gid)
    return _taken(patient, name, device)


def _taken(patient: Patient, name: str, device: Path) -> Finding | None:
    """Say who has a device already, or that whoever asks may not open it."""
    holders = _holders(device, patient.root / "proc")
    if any("emotiond" in holder for holder in holders):
        return ok("camera", f"{name}: {device}: in use by the service, as it should be")
    if holders:
        number, _, program = holders[0].partition(" ")
        what = f"{name}: {device}: in use by {program} (process {number})"
        return failure("camera", what, f"end that program: sudo kill {number}")
    if not os.access(device, os.R_OK | os.W_OK):
        what = f"{name}: {device}: may be used by {patient.account.name}, and not by you"
        return warning("camera", what, "ask with more rights: sudo emotiond doctor")
    return None


def _forbidden(patient: Patient, name: str, device: Path, gid: int) -> Finding:
    account, known = patient.account, groups(patient.root)
    what = f"{name}: {device}: {account.name} may not use it"
    user = account.name if account.name != "you" else '"$USER"'
    if "video" not in known:
        remedy = f"there is no group video here: sudo groupadd --system video && sudo chgrp video {device}"
        return failure("camera", f"{what}; there is no group video", remedy)
    if known["video"] == gid and known["video"] not in account.gids:
        return failure("camera", f"{what}: not in the group video", f"sudo usermod -aG video {user}, then log in again")
    here = next((group for group, number in known.items() if number == gid), str(gid))
    what = f"{what}: it belongs to the group {here}, not video"
    return failure("camera", what, f"sudo chgrp video {device} && sudo chmod 660 {device}")


def _holders(device: Path, proc: Path) -> list[str]:
    """List who has the device open, as ``number name``; without root's rights only our own processes can be seen."""
    found = []
    for folder in proc.glob("[0-9]*"):
        if folder.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):
            if any(link.readlink() == device.resolve() for link in (folder / "fd").iterdir()):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                name = "emotiond" if "emotiond run" in command else (folder / "comm").read_text().strip()
                found.append(f"{folder.name} {name}")
    return found


def _look(patient: Patient, camera: Camera, source: Source) -> Finding:
    """Open the source and watch it."""
    if camera.source == "-":
        return ok("camera", f"{camera.name}: reads what is piped in, which is not looked at")
    found = probe(source, camera.name, cameras.lens(camera), SECONDS)
    if found.reason or found.frame is None:
        what = found.reason or "gives no picture"
        # A device that offers nothing is no camera: advice about its format would mislead.
        known = found.remedy if found.formats or not _device(camera.source) else ""
        own = _remedy(patient, camera)
        both = f"{known}; {own}" if known and "://" in camera.source else known or own
        return failure("camera", f"{camera.name}: {what}", both)
    facts = [f"{found.frame.width} x {found.frame.height} {found.frame.format}"]
    if found.rate_hz is not None:
        facts.append(f"{found.rate_hz:.0f} per second")
    if found.latency_seconds is not None:
        facts.append(f"{found.latency_seconds * 1000:.0f} ms old")
    if found.formats:
        facts.append(f"offers {', '.join(sorted({offer.fourcc for offer in found.formats}))}")
    if found.damaged:
        facts.append(f"{found.damaged} damaged")
    return ok("camera", f"{camera.name}: {_public(camera.source)}: {', '.join(facts)}")


def _remedy(patient: Patient, camera: Camera) -> str:
    if "://" in camera.source:
        host = camera.source.partition("://")[2].rpartition("@")[2].partition("/")[0].partition(":")[0]
        return f"see whether it answers: ping {host}"
    if _device(camera.source):
        return f"see what it can do: v4l2-ctl --device {_device(camera.source)} --all"
    return patient.edit("[[camera]] source")


def _public(address: str) -> str:
    """Return an address without its password."""
    scheme, found, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else address
