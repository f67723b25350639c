"""A real mosquitto on loopback, started, killed and started again at will."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

START_SECONDS = 60.0
#: Debian keeps it where only root's PATH looks.
PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
PASSWD = shutil.which("mosquitto_passwd")


class Mosquitto:
    """One broker: anonymous unless `protect` was called; forgets everything when it stops."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self._folder = folder
        self._access = "allow_anonymous true\n"
        self._process: subprocess.Popen[bytes] | None = None

    def protect(self, user: str, password: str) -> None:
        """Ask everybody for this user and password."""
        if PASSWD is None:
            pytest.skip("mosquitto_passwd is not installed (apt: mosquitto)")
        self._folder.mkdir(exist_ok=True)
        file = self._folder / "passwords"
        subprocess.run([PASSWD, "-b", "-c", str(file), user, password], check=True, timeout=START_SECONDS)
        self._access = f"allow_anonymous false\npassword_file {file}\n"

    def start(self) -> None:
        """Start, and return once the port answers."""
        if PROGRAM is None:
            pytest.skip("mosquitto is not installed (apt: mosquitto)")
        self._folder.mkdir(exist_ok=True)
        config = self._folder / "mosquitto.conf"
        # Started by root it would become another user, who may not look into our folder.
        config.write_text(f"listener {self.port} 127.0.0.1\nuser root\n{self._access}", encoding="utf-8")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([PROGRAM, "-c", str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"mosquitto did not start:\n{(self._folder / 'log').read_text()}")

    def stop(self) -> None:
        """Stop it; harmless when it does not run."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
