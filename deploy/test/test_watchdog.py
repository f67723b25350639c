"""The watchdog tells the truth: a stage that hangs is ended and started again, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.test.guest import Guest
from deploy.test.service import Service

WATCHDOG_SECONDS = 5.0
#: In the order in which a frame meets them; the last two work in threads of their own.
STAGES = (
    "Finder.detect",
    "Tracker.update",
    "Classifier.read",
    "fill",
    "Visits.update",
    "Room.update",
    "Newsroom.scene",
    "Courier.send",
    "Courier._hand_over",
    "Publisher._on_publish",
)
CAPTURE = "Stream.read"
#: So many failures in a row would make the pauses grow.
STEADY = "RestartSec=1\nExecStartPre=\nExecStopPost=\nRestartSteps=0"


@pytest.fixture(scope="module")
def service(installed: Guest) -> Iterator[Service]:
    packages = installed.get("echo /opt/emotiond/current/lib/python3*/site-packages")
    installed.get(f"cp /guest/hang.py {packages}/hang_on_demand.py && echo import hang_on_demand >{packages}/hang.pth")
    installed.write("/run/hang.watched", "\n".join([*STAGES, CAPTURE]))
    service = Service(installed)
    service.settings(f"WatchdogSec={WATCHDOG_SECONDS:g}\n{STEADY}")
    installed.get("systemctl restart emotiond")
    yield service
    installed.get(f"rm {packages}/hang.pth")
    service.settings("")
    installed.get("systemctl restart emotiond")


@pytest.fixture
def restarts(service: Service) -> Iterator[int]:
    service.says("1 camera, 3 faces")
    yield service.restarts()
    service.guest.get("rm -f /run/hang")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_hangs_is_ended_and_started_again(service: Service, restarts: int, stage: str) -> None:
    service.guest.write("/run/hang", stage)
    service.guest.until(lambda: service.restarts() > restarts, 45.0)
    service.guest.get("rm /run/hang")
    service.says("3 faces")
    # The journal tells where each thread stood.
    said = service.journal()
    assert any(line.endswith(f"in {stage.rpartition('.')[2]}") for line in said), "\n".join(said[-80:])


def test_a_stage_is_ended_by_its_own_limit_where_systemd_would_still_wait(service: Service) -> None:
    config = service.guest.get("cat /etc/emotiond/emotiond.toml")
    service.configure(config.replace("# detection_seconds = 10.0", "detection_seconds = 3.0"))
    service.settings(f"WatchdogSec=600\n{STEADY}")
    service.guest.get("systemctl restart emotiond")
    service.says("1 camera, 3 faces")
    service.guest.write("/run/hang", "Finder.detect")
    service.guest.until(lambda: service.restarts() == 1, 45.0)
    service.guest.get("rm /run/hang")
    service.says("3 faces")
    assert any("detection has been busy with one item for more than 3 s" in line for line in service.journal())
    service.configure(config)
    service.settings(f"WatchdogSec={WATCHDOG_SECONDS:g}\n{STEADY}")
    service.guest.get("systemctl restart emotiond")


def test_a_read_that_never_returns_is_a_state_and_no_reason_to_restart(service: Service, restarts: int) -> None:
    service.guest.write("/run/hang", CAPTURE)
    service.says("0 of 1 camera online")
    time.sleep(2.0 * WATCHDOG_SECONDS)
    assert service.restarts() == restarts
    service.guest.get("rm /run/hang")
    service.says("1 camera, 3 faces", seconds=60.0)


def test_a_camera_that_hangs_is_a_state_and_no_reason_to_restart(service: Service, restarts: int) -> None:
    service.guest.get("systemctl kill --kill-whom=main --signal=STOP camera")
    service.says("0 of 1 camera online")
    time.sleep(2.0 * WATCHDOG_SECONDS)
    assert service.restarts() == restarts
    service.guest.get("systemctl kill --kill-whom=main --signal=CONT camera")
    service.says("1 camera, 3 faces", seconds=60.0)
    assert service.restarts() == restarts


def test_a_broker_that_is_away_is_no_reason_to_restart(service: Service, restarts: int) -> None:
    service.guest.get("systemctl stop mosquitto")
    service.says("broker away")
    time.sleep(2.0 * WATCHDOG_SECONDS)
    service.guest.get("systemctl start mosquitto")
    service.says("broker connected", seconds=60.0)
    assert service.restarts() == restarts


@contextmanager
def started_with(service: Service, restarts: int, before: str, after: str) -> Iterator[None]:
    """Start the service with another configuration; nothing may restart it until it gets its own back."""
    config = service.guest.get("cat /etc/emotiond/emotiond.toml")
    service.configure(config.replace(before, after))
    service.guest.get("systemctl restart emotiond")
    yield
    # A restart that was asked for begins to count at zero.
    assert service.restarts() == 0 <= restarts
    service.configure(config)
    service.guest.get("systemctl restart emotiond")


def test_an_empty_room_is_no_reason_to_restart(service: Service, restarts: int) -> None:
    service.guest.get("systemd-run --quiet --unit=empty python3 /guest/camera.py 8091 /guest/empty")
    with started_with(service, restarts, "8090", "8091"):
        service.says("1 camera, 0 faces")
        time.sleep(2.0 * WATCHDOG_SECONDS)
    service.guest.get("systemctl stop empty")


def test_a_pause_is_no_reason_to_restart(service: Service, restarts: int) -> None:
    with started_with(service, restarts, '# device = ""', 'device = "box"\ncommands = true'):
        service.says("1 camera, 3 faces, ")
        service.says("broker connected")
        service.guest.get("mosquitto_pub -q 1 -t emotiond/box/request/pause -n")
        service.says("0 of 1 camera online, 0 faces")
        time.sleep(2.0 * WATCHDOG_SECONDS)
        service.guest.get("mosquitto_pub -q 1 -t emotiond/box/request/resume -n")
        service.says("1 camera, 3 faces")


def test_hours_in_which_the_camera_may_not_look_are_no_reason_to_restart(service: Service, restarts: int) -> None:
    another_day = service.guest.get("LC_ALL=C date -d '3 days' +%a")
    with started_with(service, restarts, "# hours = []", f'hours = ["{another_day} 03:00-03:01"]'):
        service.says("0 of 1 camera online, 0 faces")
        time.sleep(2.0 * WATCHDOG_SECONDS)
