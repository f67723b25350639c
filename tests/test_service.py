"""The daemon as systemd runs it: it says it is ready, that it lives and that it ends, and every face leaves."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections import Counter

import pytest

SCENE = "synthetic:?faces=2&width=480&height=270&face_pixels=80&rate=10"
#: Enough for a slow, busy machine; what is waited for takes a second or two.
PATIENCE_SECONDS = 120.0


def messages(child):
    """Return (end of the topic, payload) of every whole line so far."""
    whole = child.stdout.rpartition("\n")[0]
    lines = [json.loads(line) for line in whole.splitlines()]
    return [(line["topic"].partition("/box/")[2], line["payload"]) for line in lines]


def events(child, kind=None):
    found = [payload for topic, payload in messages(child) if topic.endswith("/event")]
    return [event for event in found if kind in (None, event["event_type"])]


def after_online(child, camera):
    """Return what was said after the camera had come."""
    said = messages(child)
    return said[said.index((f"{camera}/availability", "online")) :]


class Manager:
    """The end of the notification socket that systemd holds."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self._told = []

    def told(self):
        while True:
            try:
                self._told += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self._told

    def close(self):
        self._socket.close()


@pytest.fixture
def manager(tmp_path):
    pytest.importorskip("systemd.daemon", reason="systemd-python is not installed (emotiond[systemd])")
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.close()


@pytest.fixture
def box(config_file):
    return config_file('[mqtt]\ndevice = "box"\n')


def test_systemd_is_told_the_truth_from_ready_to_stopping(emotiond, manager, box):
    child = emotiond("run", "--config", box, "--source", SCENE, "--outlet", "stdout", NOTIFY_SOCKET=str(manager.path))
    child.wait_for(lambda: manager.told().count("WATCHDOG=1") >= 2, PATIENCE_SECONDS)
    child.wait_for(lambda: len(events(child, "enter")) == 2, PATIENCE_SECONDS)
    assert "STOPPING=1" not in manager.told()
    assert child.terminate() == 0
    told = manager.told()
    assert told[0] == "READY=1"
    assert told[-1] == "STOPPING=1"
    assert Counter(told)["READY=1"] == Counter(told)["STOPPING=1"] == 1
    status = next(line for line in told if line.startswith("STATUS="))
    assert "of 1 camera online" in status


def test_a_stop_lets_every_face_leave_and_every_camera_go(emotiond, box):
    child = emotiond("run", "--config", box, "--source", SCENE, "--outlet", "stdout")
    child.wait_for(lambda: len(events(child, "enter")) == 2, PATIENCE_SECONDS)
    child.process.send_signal(signal.SIGINT)
    assert child.wait() == 0
    entered = sorted(event["track"] for event in events(child, "enter"))
    assert sorted(event["track"] for event in events(child, "leave")) == entered
    assert [event["seq"] for event in events(child)] == list(range(1, len(events(child)) + 1))
    assert len({event["boot_id"] for event in events(child)}) == 1
    availability = [payload for topic, payload in messages(child) if topic == "camera/availability"]
    assert availability[-2:] == ["online", "offline"]
    states = [payload for topic, payload in messages(child) if topic == "state"]
    assert states[-1]["cameras"]["camera"]["state"] == "ended"
    assert "Traceback" not in child.stderr


def test_a_finite_source_ends_the_daemon_by_itself(emotiond, box):
    child = emotiond("run", "--config", box, "--source", f"{SCENE}&frames=30", "--outlet", "stdout")
    assert child.wait() == 0
    states = [payload for topic, payload in messages(child) if topic == "state"]
    camera = states[-1]["cameras"]["camera"]
    assert (camera["state"], camera["reason"], camera["frames"], camera["dropped"]) == ("ended", "", 30, 0)
    assert Counter(event["event_type"] for event in events(child)) == {"enter": 2, "leave": 2}
    moods = [payload for topic, payload in messages(child) if topic == "camera/mood"]
    assert max(mood["faces"] for mood in moods) == 2


def test_a_camera_that_is_not_there_does_not_stop_the_others(emotiond, config_file):
    config = config_file(
        '[mqtt]\ndevice = "box"\n[capture]\nretry_first_seconds = 0.1\nretry_longest_seconds = 0.2\n'
        f'[[camera]]\nname = "gone"\nsource = "/dev/video9876"\n[[camera]]\nname = "hall"\nsource = "{SCENE}"\n'
    )
    child = emotiond("run", "--config", config, "--outlet", "stdout")
    child.wait_for(lambda: len(events(child, "enter")) == 2, PATIENCE_SECONDS)
    assert child.terminate() == 0
    assert ("gone/availability", "online") not in messages(child)
    assert ("gone/availability", "offline") in messages(child)
    assert ("hall/availability", "online") in messages(child)
    assert {event["camera"] for event in events(child)} == {"hall"}
    complaint = "/dev/video9876: no such camera; is it plugged in?"
    assert sum(complaint in line for line in child.stderr.splitlines()) == 1


def test_a_file_among_the_cameras_may_end_without_ending_the_daemon(emotiond, config_file, make_video):
    config = config_file(
        '[mqtt]\ndevice = "box"\n'
        f'[[camera]]\nname = "clip"\nsource = "{make_video(5)}"\nrealtime = false\n'
        f'[[camera]]\nname = "hall"\nsource = "{SCENE}"\n'
    )
    child = emotiond("run", "--config", config, "--outlet", "stdout")
    child.wait_for(lambda: ("clip/availability", "online") in messages(child), PATIENCE_SECONDS)
    child.wait_for(lambda: ("clip/availability", "offline") in after_online(child, "clip"), PATIENCE_SECONDS)
    child.wait_for(lambda: len([e for e in events(child, "enter") if e["camera"] == "hall"]) == 2, PATIENCE_SECONDS)
    assert child.terminate() == 0


def test_a_reader_that_has_heard_enough_ends_the_daemon_without_a_traceback(box):
    command = [sys.executable, "-m", "emotiond", "run", "--config", str(box), "--source", SCENE, "--outlet", "stdout"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            assert json.loads(child.stdout.readline())["topic"]
            child.stdout.close()
            assert child.wait(PATIENCE_SECONDS) == 0
            assert "Traceback" not in child.stderr.read()
        finally:
            child.kill()
