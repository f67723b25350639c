"""A real broker for the time of a measurement: mosquitto as a child process on a free loopback port."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

START_SECONDS: Final = 10.0
#: Debian keeps it where only root's PATH looks.
_ELSEWHERE: Final = "/usr/sbin:/usr/local/sbin"


def program() -> str | None:
    """Return the path of mosquitto, None where it is not installed."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_ELSEWHERE)


@contextlib.contextmanager
def running() -> Iterator[int | None]:
    """Run a broker that lets everybody in, and give its port; None where there is no mosquitto, or it does not start."""
    path = program()
    if path is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        config = Path(folder) / "mosquitto.conf"
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n", encoding="utf-8")
        process = subprocess.Popen([path, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield port if _answers(port) else None
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _answers(port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
