"""What is installed on arm64 gives there what it gives here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.arm64.conftest import FACES
from tests.arm64.guest import Guest

#: The wheels as `make wheels` has made them, unpacked.
RUN = "PYTHONPATH=/shared/unpacked python3 -m"
#: Another architecture rounds otherwise, and a quantised network carries it on.
SCORE_AWAY = 0.15
PIXELS_AWAY = 4.0


def test_the_tests_of_the_kernels_pass(guest: Guest) -> None:
    # Nothing but the kernels: the fixtures of other tests want much that has no place here.
    tests = f"cd /checkout && {RUN} pytest -q -p no:cacheprovider --noconftest --hypothesis-profile=ci tests/native"
    print(guest.get(tests, seconds=3600.0).splitlines()[-1])  # noqa: T201 - how many they were


def test_it_says_its_version_and_that_its_configuration_is_good(guest: Guest) -> None:
    assert guest.get(f"{RUN} emotiond --version").startswith("emotiond ")
    guest.get(f"{RUN} emotiond check --config /checkout/deploy/emotiond.toml")


def test_networks_and_kernels_give_what_they_must(guest: Guest) -> None:
    done = guest.run(f"{RUN} emotiond doctor --config /checkout/deploy/emotiond.toml --json", seconds=1800.0)
    findings = [finding for finding in json.loads(done.stdout) if finding["subject"] in ("networks", "kernels")]
    assert [finding["level"] for finding in findings] == ["ok", "ok"], done.stdout


def test_a_picture_is_read_as_it_is_read_here(guest: Guest) -> None:
    here = [sys.executable, "-m", "emotiond", "analyze", str(guest.shared / "room.png"), "--json", "-"]
    expected = faces_of(subprocess.run(here, stdout=subprocess.PIPE, text=True, check=True).stdout)
    found = faces_of(guest.get(f"{RUN} emotiond analyze /shared/room.png --json -", seconds=1800.0))
    assert len(found) == len(expected) == FACES
    for one, other in zip(found, expected, strict=True):
        assert one["box"] == pytest.approx(other["box"], abs=PIXELS_AWAY)
        assert one["scores"] == pytest.approx(other["scores"], abs=SCORE_AWAY)


def faces_of(lines: str) -> list[dict[str, Any]]:
    """Return the faces of a picture, from left to right."""
    (line,) = lines.splitlines()
    faces: list[dict[str, Any]] = json.loads(line)["faces"]
    return sorted(faces, key=lambda face: face["box"][0])
