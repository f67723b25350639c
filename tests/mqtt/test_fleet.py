"""A small fleet on one broker; the large ones are measured with ``python -m tests.mqtt.fleet`` (docs/fleet.md)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.mqtt.conftest import LONG

SIZE = 200 if LONG else 20


def test_every_event_of_a_fleet_arrives() -> None:
    command = [sys.executable, "-m", "tests.mqtt.fleet", str(SIZE)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr
    row = done.stdout.splitlines()[-1]
    assert re.match(rf"\| {SIZE} \| yes \| \d+% \| \d+ \| 100\.0% \| 100\.0% \|", row), done.stdout
