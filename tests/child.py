"""The program as a child process, its output in files that can be read while it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

#: What a test's own environment may say must not reach the child.
SYSTEMD_VARIABLES = ("NOTIFY_SOCKET", "JOURNAL_STREAM", "WATCHDOG_USEC", "WATCHDOG_PID")


class Child:
    """`python -m emotiond …`; every wait is bounded."""

    def __init__(self, folder: Path, arguments: list[str], environment: dict[str, str]) -> None:
        folder.mkdir()
        self._out, self._err = folder / "stdout", folder / "stderr"
        inherited = {name: value for name, value in os.environ.items() if name not in SYSTEMD_VARIABLES}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "emotiond", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=inherited | environment,
            )

    @property
    def stdout(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        return self._err.read_text(encoding="utf-8")

    def complaints(self) -> list[str]:
        """Return the lines in which the program says what is wrong."""
        return [line for line in self.stderr.splitlines() if line.startswith("emotiond: ")]

    def wait_for(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait until `done`; fail after `seconds` or when the child ends before, with its last words."""
        deadline = time.monotonic() + seconds
        while not done():
            ended = self.process.poll() is not None
            if (ended or time.monotonic() > deadline) and not done():
                raise AssertionError(f"{'ended' if ended else f'not in {seconds:g} s'}:\n{self.stdout}{self.stderr}")
            time.sleep(0.05)

    def terminate(self, seconds: float = 240.0) -> int:
        """Ask it to stop; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float = 240.0) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it at once, as kill -9 does; harmless when it has ended."""
        self.process.kill()
        self.process.wait()
