"""The doctor's screen fits into a terminal of 80 columns and 24 lines, whatever there is to say."""

from __future__ import annotations

import json
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl

import pytest

from emotiond.__main__ import main
from emotiond.doctor.finding import Level, failure, ok, warning
from emotiond.doctor.screen import show

LONG = "a line that is so long that it has to be broken, " * 3


@pytest.mark.parametrize("bad", [0, 1, 3, 8, 30])
@pytest.mark.parametrize("well", [0, 3, 14])
def test_it_always_fits(bad, well):
    findings = [ok(f"part {n}", LONG) for n in range(well)]
    findings += [
        failure(f"bad {n}", LONG, "type: this") if n % 2 else warning(f"odd {n}", LONG, "or this") for n in range(bad)
    ]
    lines = show(findings, 80, 24)
    assert len(lines) < 24
    assert max(len(line) for line in lines) <= 80
    assert ("all is well" in lines[-1]) == (bad == 0)
    told = "\n".join(lines)
    assert all(f"bad {n}" in told for n in range(bad) if n % 2) or "more are told by: emotiond doctor --json" in told


def test_without_a_terminal_nothing_is_left_out():
    findings = [failure(f"bad {n}", LONG, "type: this") for n in range(40)]
    assert "\n".join(show(findings, 80, None)).count("FAILURE") == 40


def test_json_has_every_finding(config_file, capsys):
    code = main(["doctor", "--json", "--config", str(config_file("[mqtt]\nprot = 1\n"))])
    findings = json.loads(capsys.readouterr().out)
    assert code == 2
    assert {"level", "subject", "what", "remedy"} == set(findings[0])
    (settings,) = [finding for finding in findings if finding["subject"] == "settings"]
    assert (settings["level"], "did you mean port?" in settings["what"]) == (Level.FAILURE, True)


def test_in_a_real_terminal_of_80_by_24_nothing_scrolls_away(config_file):
    file = config_file('[mqtt]\nhost = "no.invalid"\n[deployment]\ncontext = "education"\n')
    controller, terminal = pty.openpty()
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "emotiond", "doctor", "--config", str(file)]
    child = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(controller, 4096)
        except OSError:
            # The other end is closed: the child has ended.
            break
        if not piece:
            break
        shown += piece
    os.close(controller)
    assert child.wait() == 2
    lines = shown.decode().replace("\r", "").splitlines()
    assert len(lines) <= 23, shown.decode()
    assert max(len(line) for line in lines) <= 80
    told = " ".join(line.strip() for line in lines)
    assert "FAILURE  broker    name: no.invalid:" in told
    assert "Article 5(1)(f)" in told
    assert lines[-1] == "2 failures and 1 warning"
