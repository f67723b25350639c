"""A reload applies the whole configuration: what nothing has changed for goes on, and every `enter` keeps its `leave`."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import signal
import threading
import time

import pytest

from emotiond import assembly
from emotiond.config import load
from tests.test_service import PATIENCE_SECONDS, events, manager, messages

__all__ = ["manager"]
SCENE = "synthetic:?faces=2&width=320&height=180&face_pixels=60&rate=4"
OTHER = "synthetic:?faces=1&width=200&height=150&face_pixels=60&rate=4"
#: A busy machine may see a face once in many seconds.
PATIENT = "[tracking]\nlost_seconds = 900.0\nhold_seconds = 900.0\noutside_seconds = 900.0\nconfirm_detections = {}\n"
#: More than the machine may need when it has much else to do.
LONG_SECONDS = 4.0 * PATIENCE_SECONDS


def toml(cameras, more="", device="box", confirm=2):
    tables = [f'[[camera]]\nname = "{name}"\nsource = "{source}"\n' for name, source in cameras.items()]
    return "".join(tables) + f'[mqtt]\ndevice = "{device}"\n{more}{PATIENT.format(confirm)}'


class House:
    """The whole daemon in a thread, with its file and everything that it says."""

    def __init__(self, path, text, caplog):
        self._path, self._log, self._out = path, caplog, io.StringIO()
        path.write_text(text, encoding="utf-8")
        with contextlib.redirect_stdout(self._out):
            self._service = assembly.service(load(path), "stdout", lambda: load(path))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        with contextlib.redirect_stdout(self._out):
            self._service.run()

    def wait(self, done):
        deadline = time.monotonic() + LONG_SECONDS
        while not done():
            assert self._thread.is_alive(), "the daemon has ended"
            assert time.monotonic() < deadline, f"{self._out.getvalue()[-3000:]}{self._log.text[-3000:]}"
            time.sleep(0.1)

    def reload(self, text):
        """Write the file, reload, and return what the log says of the outcome."""
        before = len(self.outcomes())
        self._path.write_text(text, encoding="utf-8")
        self._service.reload()
        self.wait(lambda: len(self.outcomes()) > before)
        return self.outcomes()[-1]

    def outcomes(self):
        return [message for message in self._log.messages if message.startswith("reload: ")]

    def stop(self):
        self._service.stop()
        self._thread.join(LONG_SECONDS)
        assert not self._thread.is_alive()

    def said(self, topic):
        """Return what was said on a topic of any device, in order."""
        lines = self._out.getvalue().rpartition("\n")[0].splitlines()
        found = [json.loads(line) for line in lines if f'{topic}","retain"' in line]
        return [line["payload"] for line in found]

    def tracks(self, camera, kind):
        return [event["track"] for event in self.said(f"/{camera}/event") if event["event_type"] == kind]

    def sees(self, camera):
        """Wait until the mood of a camera's room is said once more; return the tracks that are in view."""
        count = len(self.said(f"/{camera}/mood"))
        self.wait(lambda: len(self.said(f"/{camera}/mood")) > count + 1)
        return {face["track"] for face in self.said(f"/{camera}/faces")[-1]["faces"]}


@pytest.fixture
def house(tmp_path, caplog):
    """Start a daemon; at its end, whoever came has left, once, and no number of a message is missing."""
    root = logging.getLogger()
    level = root.level
    caplog.set_level(logging.INFO)
    houses = []

    def start(text):
        houses.append(House(tmp_path / "emotiond.toml", text, caplog))
        return houses[-1]

    yield start
    for one in houses:
        one.stop()
        for camera in {event["camera"] for event in one.said("/event")}:
            entered = one.tracks(camera, "enter")
            assert sorted(entered) == sorted(one.tracks(camera, "leave")), camera
            assert len(set(entered)) == len(entered), camera
            numbers = [event["seq"] for event in one.said(f"/{camera}/event")]
            assert numbers == list(range(1, len(numbers) + 1)), camera
    root.setLevel(level)


def test_only_cameras_that_differ_are_closed_and_opened(house, caplog):
    daemon = house(toml({"hall": SCENE, "door": OTHER, "yard": OTHER}))
    daemon.wait(lambda: [len(daemon.tracks(name, "enter")) for name in ("hall", "door", "yard")] == [2, 1, 1])
    stayed = daemon.tracks("hall", "enter")
    assert daemon.reload(toml({"hall": SCENE, "door": SCENE, "loft": OTHER})) == "reload: done; changed: camera"
    assert (len(daemon.tracks("door", "leave")), len(daemon.tracks("yard", "leave"))) == (1, 1)
    daemon.wait(lambda: [len(daemon.tracks(name, "enter")) for name in ("door", "loft")] == [3, 1])
    # Those in front of the camera that stayed are who they were.
    assert daemon.sees("hall") == set(stayed)
    assert (daemon.tracks("hall", "enter"), daemon.tracks("hall", "leave")) == (stayed, [])
    assert [caplog.messages.count(f"camera {name}: online") for name in ("hall", "door", "yard", "loft")] == [
        1,
        2,
        1,
        1,
    ]
    assert set(daemon.said("box/state")[-1]["cameras"]) == {"hall", "door", "loft"}


def test_another_way_to_look_for_faces_opens_no_camera_anew(house, caplog):
    def with_looks(keys):
        scene, rest = toml({"hall": SCENE, "door": OTHER}).split('[[camera]]\nname = "door"')
        return f'{scene}[camera.detector]\n{keys}\n[[camera]]\nname = "door"{rest}'

    # As high as the picture is, nobody is.
    daemon = house(with_looks("min_face_pixels = 170"))
    daemon.wait(lambda: daemon.tracks("door", "enter") and daemon.said("/hall/mood"))
    assert daemon.tracks("hall", "enter") == []
    assert daemon.reload(with_looks("min_face_pixels = 30")) == "reload: done; changed: camera"
    daemon.wait(lambda: len(daemon.tracks("hall", "enter")) == 2)
    assert daemon.reload(with_looks("min_face_pixels = 30\nevery_frames = 2")) == "reload: done; changed: camera"
    assert daemon.sees("hall") == set(daemon.tracks("hall", "enter"))
    assert [caplog.messages.count(f"camera {name}: online") for name in ("hall", "door")] == [1, 1]


def test_tracks_outlive_another_detector_network_tracker_and_mood(house, shipped_model):
    daemon = house(toml({"hall": SCENE}))
    daemon.wait(lambda: len(daemon.tracks("hall", "enter")) == 2)
    more = f'[detector]\nhaar_neighbours = 4\n[mood]\ninterval_seconds = 0.2\nmoments = true\n[inference]\nmodel = "{shipped_model}"\n[log]\nlevel = "debug"\n'
    outcome = daemon.reload(toml({"hall": SCENE}, more, confirm=9))
    assert outcome == "reload: done; changed: detector, inference, tracking, mood, log"
    assert daemon.sees("hall") == set(daemon.tracks("hall", "enter"))
    assert (len(daemon.tracks("hall", "enter")), daemon.tracks("hall", "leave")) == (2, [])
    assert logging.getLogger().level == logging.DEBUG


def test_a_table_of_every_camera_opens_all_of_them_anew(house):
    daemon = house(toml({"hall": OTHER}))
    daemon.wait(lambda: daemon.tracks("hall", "enter"))
    assert daemon.reload(toml({"hall": OTHER}, "[capture]\ntimeout_seconds = 5.0\n")).endswith("changed: capture")
    daemon.wait(lambda: len(daemon.tracks("hall", "enter")) == 2)
    assert len(daemon.tracks("hall", "leave")) == 1


def test_a_reload_without_a_change_touches_nothing(house):
    daemon = house(toml({"hall": OTHER}))
    daemon.wait(lambda: daemon.tracks("hall", "enter"))
    assert daemon.reload(toml({"hall": OTHER})) == "reload: done; changed: nothing"
    assert daemon.sees("hall") == set(daemon.tracks("hall", "enter"))
    assert len(daemon.said("/event")) == 1


def test_a_bad_file_is_refused_whole_and_the_old_one_stays(house):
    daemon = house(toml({"hall": OTHER}))
    daemon.wait(lambda: daemon.tracks("hall", "enter"))
    for text, reason in (
        ("[mood", "not TOML"),
        (toml({"hall": OTHER}, "prot = 1\n"), "[mqtt] prot: no such key"),
        (toml({"door": OTHER, "hall": "gopher://nowhere"}), "[[camera]] hall: source: gopher://"),
        (toml({"door": OTHER}, '[inference]\nmodel = "/nowhere.tflite"\n'), "/nowhere"),
    ):
        outcome = daemon.reload(text)
        assert reason in outcome
        assert outcome.endswith("; the old configuration stays")
    assert daemon.sees("hall") == set(daemon.tracks("hall", "enter"))
    assert len(daemon.said("/event")) == 1
    assert set(daemon.said("box/state")[-1]["cameras"]) == {"hall"}


def test_faces_leave_under_the_former_name_before_they_enter_under_the_new_one(house, caplog):
    daemon = house(toml({"hall": OTHER}))
    daemon.wait(lambda: daemon.tracks("hall", "enter"))
    assert daemon.reload(toml({"hall": OTHER}, device="crate")) == "reload: done; changed: mqtt"
    daemon.wait(lambda: daemon.said("crate/hall/event"))
    assert [event["event_type"] for event in daemon.said("box/hall/event")] == ["enter", "leave"]
    assert [event["event_type"] for event in daemon.said("crate/hall/event")] == ["enter"]
    # The camera has nothing to do with it.
    assert caplog.messages.count("camera hall: online") == 1


def test_sighup_reloads_and_systemd_is_told_when_it_begins_and_ends(emotiond, config_file, manager):
    path = config_file(toml({"hall": OTHER}))
    child = emotiond("run", "--config", path, "--outlet", "stdout", NOTIFY_SOCKET=str(manager.path))
    child.wait_for(lambda: "READY=1" in manager.told(), LONG_SECONDS)
    for number, text in enumerate((toml({"door": OTHER}), "[mood"), 1):
        path.write_text(text, encoding="utf-8")
        child.process.send_signal(signal.SIGHUP)
        child.wait_for(lambda count=number + 1: manager.told().count("READY=1") == count, LONG_SECONDS)
    child.wait_for(lambda: manager.told() and len(events(child, "enter")) == 1, LONG_SECONDS)
    assert child.terminate(LONG_SECONDS) == 0
    assert {event["camera"] for event in events(child)} == {"door"}
    assert ("door/availability", "online") in messages(child)
    told = [line for line in manager.told() if line.partition("=")[0] in ("READY", "RELOADING", "MONOTONIC_USEC")]
    assert [line.partition("=")[0] for line in told] == ["READY", *(["RELOADING", "MONOTONIC_USEC", "READY"] * 2)]
    times = [int(line.partition("=")[2]) for line in told if line.startswith("MONOTONIC")]
    assert 0 < times[0] < times[1] <= time.monotonic_ns() // 1000
    assert "reload: done; changed: camera" in child.stderr
    assert "not TOML" in child.stderr
    assert "Traceback" not in child.stderr
