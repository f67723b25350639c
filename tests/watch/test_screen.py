"""The live view fits any terminal, whatever the broker says, and shows what was said."""

from __future__ import annotations

import json

import pytest

from emotiond.records import EMOTIONS
from emotiond.watch.screen import screen
from emotiond.watch.view import View
from tests.watch.device import messages


def view_of(*devices, only=None):
    view = View("emotiond", only)
    view.connected = True
    for device, cameras in devices:
        for topic, payload in messages(device, cameras):
            view.hear(topic, payload)
    return view


def lines_of(view, width=80, height=24, *, ascii_only=False):
    lines = screen(view, "broker box:1883", width, height, ascii_only=ascii_only).plain.splitlines()
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines), max(lines, key=len)
    return lines


def test_one_camera_shows_everything_on_80_by_24():
    lines = lines_of(view_of(("box", ["desk"]), only="box"))
    assert "broker box:1883: connected" in lines[0]
    assert lines[1] == "box  online  12.3 fps  latency 45/80 ms  51 C"
    assert lines[2] == "desk  online  3 faces  happy 62%  12.3 fps  2 dropped"
    bars = {line.split()[0]: line for line in lines[3:10]}
    assert set(bars) == set(EMOTIONS)
    assert bars["happy"].endswith(" 62%")
    assert bars["happy"].count("\u2588") == pytest.approx(0.62 * 62, abs=1)
    assert any(line.endswith("desk  face 517204 enters, happy 62%") for line in lines)


@pytest.mark.parametrize("cameras", [2, 3, 5, 8, 40])
@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5), (1, 1), (200, 60)])
def test_many_cameras_fit_every_terminal(cameras, size):
    names = [f"camera{number}" for number in range(cameras)]
    lines = lines_of(view_of(("box", names), ("other", ["x"])), *size)
    shown = [line for line in lines if "box/camera" in line and " online" in line]
    left = [line for line in lines if "more cameras" in line]
    assert shown or left or size[1] < 12
    if size == (80, 24):
        assert any(line.strip().startswith("neutral") or "happy" in line for line in lines)
        assert "last events" in lines


def test_who_is_away_is_offline_and_shows_no_mood():
    view = view_of(("box", ["desk"]), only="box")
    view.hear("emotiond/box/desk/availability", b"offline")
    lines = lines_of(view)
    assert lines[2].startswith("desk  offline")
    assert not any("\u2588" in line for line in lines)
    view.hear("emotiond/box/availability", b"offline")
    assert lines_of(view)[1].startswith("box  offline")
    view.connected = False
    assert "not connected, trying" in lines_of(view)[0]


def test_an_empty_room_has_empty_bars():
    view = view_of(("box", ["desk"]), only="box")
    topic, payload = next((t, p) for t, p in messages("box", ["desk"]) if t.endswith("/mood"))
    empty = json.loads(payload) | {"faces": 0, "emotion": None, "confidence": None, "scores": {}}
    view.hear(topic, json.dumps(empty).encode())
    lines = lines_of(view)
    assert "0 faces" in lines[2]
    assert sum(line.endswith("    -") for line in lines) == 7


def test_a_terminal_without_unicode_gets_none():
    lines = lines_of(view_of(("box", ["desk"]), only="box"), ascii_only=True)
    assert all(line.isascii() for line in lines)
    assert any("####" in line for line in lines)


@pytest.mark.parametrize("payload", [b"", b"noise", b"[]", b"{}", b'{"faces": "many"}', b"\xff"])
@pytest.mark.parametrize("end", ["mood", "event", "availability"])
def test_what_no_device_says_is_passed_over(payload, end):
    view = View("emotiond", None)
    view.hear(f"emotiond/box/desk/{end}", payload)
    view.hear("emotiond/box/state", payload)
    view.hear("elsewhere/box/state", payload)
    lines_of(view)


def test_a_newer_device_with_words_and_fields_of_its_own_is_shown_all_the_same():
    view = view_of(("box", ["desk"]), only="box")
    topic, payload = next((t, p) for t, p in messages("box", ["desk"]) if t.endswith("/state"))
    state = json.loads(payload)
    state["cameras"]["desk"] |= {"state": "hibernating", "frames_per_second": 7.5, "colour": "blue"}
    view.hear(topic, json.dumps(state | {"mood": "excellent"}).encode())
    assert lines_of(view)[2].endswith("7.5 fps  2 dropped")


def test_a_name_cannot_steer_the_terminal():
    view = View("emotiond", None)
    view.hear("emotiond/\x1b[2Jbox/desk/availability", b"online")
    assert not any("\x1b" in line for line in lines_of(view))
