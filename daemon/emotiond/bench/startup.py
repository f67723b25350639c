"""How long the service takes from its start to READY, and how much memory it has in use then, children included."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from emotiond.bench.machine import resident_megabytes
from emotiond.bench.reel import rendered

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
#: A scene like a classroom, in the largest size that a camera is asked for, as a clip of this many frames.
FACES: Final = 20
SIZE: Final = (1920, 1080)
FRAMES: Final = 240


@dataclass(frozen=True)
class Startup:
    """Of ``emotiond run`` as a process of its own."""

    ready_seconds: float
    #: After it has run for a while.
    resident_megabytes: float


def startup(config: Path | None, seconds: float) -> Startup | None:
    """Start the service on a clip, let it run for ``seconds`` after READY, and stop it; None where it gets not ready.

    ``seconds`` is less than the clip lasts.
    """
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        path, clip = str(Path(folder) / "notify"), str(Path(folder) / "clip.mp4")
        _write(clip)
        ear.bind(path)
        ear.settimeout(1.0)
        words = [sys.executable, "-m", "emotiond", "run", "--source", clip, "--outlet", "stdout"]
        words += ["--config", str(config)] if config else []
        began = time.monotonic()
        process = subprocess.Popen(
            words,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NOTIFY_SOCKET": path},
        )
        try:
            if not _ready(ear, process):
                return None
            ready_seconds = time.monotonic() - began
            time.sleep(seconds)
            return Startup(ready_seconds, sum(resident_megabytes(number) for number in family(process.pid)))
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _write(path: str) -> None:
    reel = rendered(FACES, *SIZE)
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"mp4v"), reel.rate_hz, SIZE)
    for index in range(FRAMES):
        writer.write(reel.frame(index).pixels)
    writer.release()


def _ready(ear: socket.socket, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if b"READY=1" in ear.recv(4096):
                return True
        except TimeoutError:
            continue
    return False


def family(process: int) -> list[int]:
    """List a process and all that descend from it."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold anything, spaces included.
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields[1])
    family = [process]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family
