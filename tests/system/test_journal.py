"""Log lines go to standard error from the level that was asked for, and nowhere else."""

from __future__ import annotations

import subprocess
import sys

import pytest

SPEAK = """
import logging, sys
from emotiond.system.journal import set_up_logging
set_up_logging(sys.argv[1])
for level in ("debug", "info", "warning", "error"):
    getattr(logging.getLogger("emotiond.somewhere"), level)("a word of %s", level, extra={"camera": "hall"})
"""


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("debug", ["DEBUG", "INFO", "WARNING", "ERROR"]),
        ("info", ["INFO", "WARNING", "ERROR"]),
        ("warning", ["WARNING", "ERROR"]),
        ("error", ["ERROR"]),
    ],
)
def test_without_a_journal_lines_go_to_standard_error_from_their_level_up(level, told, monkeypatch):
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    done = subprocess.run([sys.executable, "-c", SPEAK, level], capture_output=True, text=True, timeout=240, check=True)
    assert done.stderr.splitlines() == [f"{name} a word of {name.lower()}" for name in told]
    assert done.stdout == ""
