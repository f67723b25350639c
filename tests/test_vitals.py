"""What the loop knows of its own pace."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotiond.system.heat import cpu_celsius, throttled
from emotiond.vitals import Vitals


def vitals() -> Vitals:
    return Vitals(["desk", "door"], lambda: 55.5, lambda: False)


def test_a_paused_camera_wants_no_frames() -> None:
    found = vitals()
    found.pause("desk", paused=True)
    assert not found.wanted("desk", live=True)
    assert not found.wanted("desk", live=False)
    assert found.wanted("door", live=True)
    found.pause("desk", paused=False)
    assert found.wanted("desk", live=True)


def test_a_limit_holds_for_live_cameras_alone() -> None:
    found = vitals()
    found.frames_per_second_limit = 0.01
    assert [found.wanted("desk", live=True) for _ in range(3)] == [True, False, False]
    assert [found.wanted("door", live=False) for _ in range(3)] == [True, True, True]
    found.frames_per_second_limit = 0.0
    assert found.wanted("desk", live=True)


def test_latency_is_told_as_percentiles() -> None:
    found = vitals()
    assert found.health().latency_p50_seconds is None
    for number in range(100):
        found.done("desk", 2, number / 100)
    health = found.health()
    assert (health.latency_p50_seconds, health.latency_p95_seconds) == (0.5, 0.95)
    assert (health.cpu_celsius, health.throttled) == (55.5, False)
    assert (found.faces, found.loads()["desk"].faces) == (2, 2)
    found.left("desk")
    assert found.faces == 0


def test_how_often_each_face_is_read_is_told() -> None:
    found = vitals()
    for number in range(40):
        found.done("desk", 4, 0.0, readings=number % 2)
    load = found.loads()["desk"]
    # Every eighth face of the frames was read: half a reading for four faces.
    assert load.readings_per_second / load.frames_per_second == pytest.approx(1 / 8)
    assert found.loads()["door"].readings_per_second == 0.0


def test_the_warmest_zone_counts_and_a_sullen_one_does_not(tmp_path: Path) -> None:
    assert cpu_celsius(tmp_path) is None
    for name, words in (("thermal_zone0", "41000\n"), ("thermal_zone1", "62500\n"), ("thermal_zone2", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "temp").write_text(words)
    assert cpu_celsius(tmp_path) == 62.5


def test_only_what_the_firmware_does_now_is_throttling(tmp_path: Path) -> None:
    assert throttled(tmp_path / "missing") is None
    for words, now in (("0", False), ("50000", False), ("50005", True)):
        (tmp_path / "get_throttled").write_text(words)
        assert throttled(tmp_path / "get_throttled") is now
