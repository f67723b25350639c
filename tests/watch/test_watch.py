"""`emotiond watch` in a real terminal of 80 by 24, live from a real broker, ended by Ctrl-C."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emotiond.__main__ import main
from tests.watch.device import messages

TMUX = shutil.which("tmux")
#: A busy machine takes long to start a program.
PATIENCE_SECONDS = 120.0


class Terminal:
    """One tmux of its own, 80 columns by 24 lines."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"
        self._end = folder / "end"

    def run(self, *arguments: str) -> None:
        words = shlex.join([sys.executable, "-m", "emotiond", *arguments])
        command = f"{words}; echo $? > {shlex.quote(str(self._end))}; sleep 60"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command)

    def lines(self) -> list[str]:
        return self._tmux("capture-pane", "-p").splitlines()

    def press(self, key: str) -> None:
        self._tmux("send-keys", key)

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


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if TMUX is None:
        pytest.skip("no tmux (apt: tmux)")
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


def test_it_shows_a_device_of_another_broker_live_and_ends_with_ctrl_c(terminal, mosquitto, listen, config_file):
    mosquitto.start()
    listener = listen()
    terminal.run("watch", "--config", str(config_file("")), "--host", "127.0.0.1", "--port", str(mosquitto.port))
    terminal.wait_for(lambda lines: any("connected; no device yet" in line for line in lines))
    before = len(listener.heard())
    told = messages("box", ["desk", "door"])
    for topic, payload in told:
        listener.publish(topic, payload)
    lines = terminal.wait_for(lambda lines: any("door  face 517204 enters" in line for line in lines))
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    assert any(line.startswith("box  online  12.3 fps  latency 45/80 ms  51 C") for line in lines)
    for camera in ("desk", "door"):
        assert any(line.startswith(f"{camera}  online  3 faces  happy 62%  12.3 fps  2 dropped") for line in lines)
    assert sum(line.strip().startswith("happy") and line.endswith(" 62%") for line in lines) in (0, 2)
    listener.publish("emotiond/box/door/availability", b"offline")
    terminal.wait_for(lambda lines: any(line.startswith("door  offline") for line in lines))
    mosquitto.stop()
    terminal.wait_for(lambda lines: any("not connected, trying" in line for line in lines))
    terminal.press("C-c")
    assert terminal.exit_code() == 0
    assert len(listener.heard()) - before == len(told) + 1, "it has said nothing itself"


def test_a_pipe_is_refused(capsys, config_file):
    assert main(["watch", "--config", str(config_file(""))]) == 2
    assert capsys.readouterr().err.startswith("emotiond: watch: needs a terminal; ")
