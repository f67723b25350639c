"""Whatever stage hangs, systemd is asked to end us within that stage's own limit; and never where nothing hangs."""

from __future__ import annotations

import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.test_reload import LONG_SECONDS, OTHER, toml
from tests.test_service import manager, messages

__all__ = ["manager"]
#: Where the loop is stopped, and the stage that is to be blamed for it.
STAGES = {
    "Finder.detect": "detection",
    "Tracker.update": "tracking",
    "Classifier.read": "classification",
    "Visits.update": "mood",
    "Newsroom.scene": "publishing",
    "Stdout.send": "publishing",
}
#: Long for a busy machine, short against the 20 s after which systemd would miss us by itself.
LIMIT_SECONDS = 5.0
LIMITS = "[watchdog]\n" + "".join(f"{stage}_seconds = {LIMIT_SECONDS}\n" for stage in sorted(set(STAGES.values())))


class Patient:
    """A daemon that stops wherever it is told to."""

    def __init__(self, emotiond, folder, path, manager):
        folder.mkdir()
        shutil.copy(Path(__file__).with_name("hang.py"), folder / "sitecustomize.py")
        self._hang = folder / "hang"
        self.manager = manager
        self.child = emotiond(
            *("run", "--config", path, "--outlet", "stdout"),
            NOTIFY_SOCKET=str(manager.path),
            WATCHDOG_USEC="20000000",
            HANG=str(self._hang),
            PYTHONPATH=str(folder),
        )

    def hang(self, where):
        self._hang.write_text(where, encoding="utf-8")
        self.child.process.send_signal(signal.SIGUSR1)

    def go_on(self):
        self._hang.unlink()

    def wait(self, done):
        # Whoever does not listen to a daemon stops it: its words have room for a few.
        self.child.wait_for(lambda: self.manager.told() and done(), LONG_SECONDS)

    def told(self, line):
        return self.manager.told().count(line)

    def lives(self):
        """Wait until it has said twice more that all is well."""
        alive = self.told("WATCHDOG=1")
        self.wait(lambda: self.told("WATCHDOG=1") > alive + 1)


@pytest.fixture
def patient(emotiond, tmp_path, config_file, manager):
    return lambda source: Patient(emotiond, tmp_path / "hang", config_file(toml({"hall": source}, LIMITS)), manager)


def test_each_stage_that_hangs_is_reported_within_its_own_limit(patient):
    daemon = patient(OTHER)
    daemon.wait(lambda: any(topic == "hall/event" for topic, _ in messages(daemon.child)))
    for number, (where, stage) in enumerate(STAGES.items(), 1):
        daemon.hang(where)
        daemon.wait(lambda count=number: daemon.told("WATCHDOG=trigger") == count)
        # Nobody says that all is well while it hangs.
        alive = daemon.told("WATCHDOG=1")
        time.sleep(1.5)
        assert daemon.told("WATCHDOG=1") == alive, where
        why = f"{stage} has been busy with one item for more than {LIMIT_SECONDS:g} s"
        told = daemon.manager.told()
        last = len(told) - told[::-1].index("WATCHDOG=trigger")
        assert told[last - 2] == f"STATUS={why}", where
        assert f"ERROR {why}" in daemon.child.stderr
        # Here is no systemd that would have ended it: it goes on, and is well again.
        daemon.go_on()
        daemon.lives()
    assert daemon.told("WATCHDOG=trigger") == len(STAGES)
    assert daemon.child.terminate(LONG_SECONDS) == 0


def test_a_camera_that_takes_our_call_and_never_answers_is_no_reason_to_be_ended(patient):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        daemon = patient(f"http://127.0.0.1:{silent.getsockname()[1]}/stream.mjpg")
        daemon.wait(lambda: "camera hall: offline" in daemon.child.stderr)
        daemon.lives()
        for _ in range(round(LIMIT_SECONDS)):
            time.sleep(1.0)
            daemon.lives()
        assert daemon.told("WATCHDOG=trigger") == 0
        assert daemon.child.terminate(LONG_SECONDS) == 0
