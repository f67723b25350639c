"""A real terminal of 80 columns and 24 lines, in a tmux of its own."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

TMUX = shutil.which("tmux")
#: A busy machine takes long to start a program.
PATIENCE_SECONDS = 120.0


class Terminal:
    """Runs one command; shows what is on the screen, and takes keys."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"
        self._end = folder / "end"

    def run(self, *words: str) -> None:
        command = f"{shlex.join(words)}; echo $? > {shlex.quote(str(self._end))}; sleep 60"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command)

    def lines(self) -> list[str]:
        return self._tmux("capture-pane", "-p").splitlines()

    def press(self, *keys: str) -> None:
        """Press keys by their names (``Tab``, ``C-c``), or type a text."""
        self._tmux("send-keys", *keys)

    def wait_for(self, done: Callable[[list[str]], bool]) -> list[str]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done(lines := self.lines()):
            assert time.monotonic() < deadline, "\n".join(lines)
            time.sleep(0.3)
        return lines

    def exit_code(self) -> int:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (self._end.exists() and self._end.read_text().strip()):
            assert time.monotonic() < deadline, "\n".join(self.lines())
            time.sleep(0.1)
        return int(self._end.read_text())

    def close(self) -> None:
        subprocess.run([TMUX or "tmux", "-S", str(self._socket), "kill-server"], check=False, capture_output=True)

    def _tmux(self, *words: str) -> str:
        command = [TMUX or "tmux", "-S", str(self._socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS).stdout
