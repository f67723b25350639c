"""The service starts, stops, fails and fails again as its unit promises."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from deploy.test.guest import Guest
from deploy.test.service import Service

SECRET = "open-sesame-42"  # noqa: S105 - the test looks for it in the journal


@pytest.fixture
def service(installed: Guest) -> Service:
    return Service(installed)


@pytest.fixture
def config(service: Service) -> str:
    return service.guest.get("cat /etc/emotiond/emotiond.toml")


@pytest.fixture(autouse=True)
def as_it_was(service: Service, config: str) -> Iterator[None]:
    yield
    service.configure(config)
    service.settings("")
    service.guest.get("systemctl start mosquitto && systemctl restart emotiond")
    service.says("1 camera, ")


def test_a_wrong_configuration_ends_with_code_2_and_no_second_try(service: Service) -> None:
    service.settings("RestartSec=1")
    service.configure("[mqtt]\nprot = 1\n")
    assert service.guest.run("systemctl restart emotiond").returncode != 0
    time.sleep(4.0)
    assert (service.shows("ActiveState"), service.shows("ExecMainStatus")) == ("failed", "2")
    assert service.restarts() == 0
    assert any("did you mean port?" in line for line in service.journal())


def test_a_crash_is_followed_by_a_new_start(service: Service) -> None:
    service.settings("RestartSec=1")
    service.guest.get("systemctl restart emotiond")
    service.guest.get("systemctl kill --kill-whom=main --signal=KILL emotiond")
    service.guest.until(lambda: service.restarts() == 1 and service.shows("ActiveState") == "active", 30.0)
    service.says("3 faces")


def test_the_pause_grows_while_the_failures_go_on(service: Service) -> None:
    service.settings("RestartSec=1")
    for failures in (1, 2):
        service.guest.get("systemctl restart emotiond" if failures == 1 else "true")
        service.guest.get("systemctl kill --kill-whom=main --signal=KILL emotiond")
        service.guest.until(
            lambda n=failures: service.restarts() == n and service.shows("ActiveState") == "active", 30.0
        )
    if int(service.guest.get("systemctl --version | cut -d ' ' -f 2 | head -n 1")) < 254:
        assert service.guest.get("cat /run/emotiond/failures") == "2"
    else:
        assert service.shows("RestartSteps") == "6"
    service.guest.get("systemctl stop emotiond")
    assert not service.guest.run("cat /run/emotiond/failures").stdout


def test_a_stop_says_offline_and_is_clean(service: Service) -> None:
    service.says("broker connected")
    service.guest.get("systemctl stop emotiond")
    assert (service.shows("Result"), service.shows("ExecMainStatus")) == ("success", "0")
    assert service.guest.get("mosquitto_sub -t 'emotiond/+/availability' -C 1 -W 10") == "offline"


def test_the_journal_can_be_asked_for_one_camera_and_knows_levels(service: Service) -> None:
    service.configure('[[camera]]\nname = "door"\nsource = "/dev/video7"\n[[camera]]\nname = "hall"\nsource = "9"\n')
    service.guest.get("systemctl restart emotiond")
    service.says("0 of 2 cameras online")
    lines = service.guest.get("journalctl --unit emotiond CAMERA=door --output json --no-pager").splitlines()
    entries = [json.loads(line) for line in lines]
    assert entries
    assert all("door" in entry["MESSAGE"] and entry["PRIORITY"] == "4" for entry in entries)
    assert {entry["SYSLOG_IDENTIFIER"] for entry in entries} == {"emotiond"}


def test_a_failure_that_repeats_is_logged_once(service: Service) -> None:
    service.configure(
        '[[camera]]\nname = "gate"\nsource = "/dev/video8"\n[capture]\nretry_first_seconds = 0.2\n'
        "retry_longest_seconds = 0.2\n"
    )
    service.guest.get("systemctl restart emotiond")
    time.sleep(5.0)
    assert len(service.journal("CAMERA=gate")) == 1


def test_no_secret_reaches_the_journal(service: Service) -> None:
    service.configure(f'[[camera]]\nname = "yard"\nsource = "rtsp://me:{SECRET}@127.0.0.1:1/stream"\n')
    service.guest.get("systemctl restart emotiond")
    service.guest.until(lambda: service.journal("CAMERA=yard"), 30.0)
    assert SECRET not in service.guest.get("journalctl --no-pager --output json")


def test_the_password_comes_as_a_credential_that_root_alone_can_read(service: Service, config: str) -> None:
    guest = service.guest
    guest.get(f"mosquitto_passwd -c -b /etc/mosquitto/passwd house {SECRET} && chmod 644 /etc/mosquitto/passwd")
    guest.write(
        "/etc/mosquitto/conf.d/house.conf",
        "per_listener_settings true\nlistener 1883 127.0.0.1\nallow_anonymous true\n"
        "listener 1899 127.0.0.1\nallow_anonymous false\npassword_file /etc/mosquitto/passwd\n",
    )
    guest.get("systemctl restart mosquitto")
    service.configure(config.replace("port = 1883", "port = 1899").replace('username = ""', 'username = "house"'))
    guest.get("systemctl restart emotiond")
    service.says("broker away")
    guest.get(f"umask 077 && printf {SECRET} >/run/secret && mkdir -p /etc/emotiond")
    guest.get("install -m 600 /run/secret /etc/emotiond/mqtt-password")
    guest.get("systemctl restart emotiond")
    service.says("broker connected")
    assert guest.get("stat -c '%U %a' /etc/emotiond/mqtt-password") == "root 600"
    assert SECRET not in guest.get("journalctl --no-pager --output json")
    assert SECRET not in guest.get("systemctl show emotiond")
    guest.get(
        "rm /etc/emotiond/mqtt-password /etc/mosquitto/passwd /etc/mosquitto/conf.d/house.conf && systemctl restart mosquitto"
    )


def test_a_reload_takes_over_what_has_changed_and_keeps_connection_and_tracks(service: Service, config: str) -> None:
    service.says("1 camera, 3 faces")
    begun = service.shows("ExecMainStartTimestampMonotonic")
    connected = len([line for line in service.journal() if "connected" in line])
    assert "# change_margin = 0.5" in config
    service.configure(config.replace("# change_margin = 0.5", "change_margin = 0.7"))
    service.guest.get("systemctl reload emotiond")
    service.guest.until(lambda: any("reload: done; changed: mood" in line for line in service.journal()), 30.0)
    service.says("1 camera, 3 faces")
    assert service.shows("ActiveState") == "active"
    assert service.shows("ExecMainStartTimestampMonotonic") == begun
    assert len([line for line in service.journal() if "connected" in line]) == connected


def test_a_reload_opens_a_camera_that_is_new(service: Service, config: str) -> None:
    service.says("1 camera, 3 faces")
    begun = service.shows("ExecMainStartTimestampMonotonic")
    service.configure(f'{config}\n[[camera]]\nname = "loft"\nsource = "/dev/video7"\n')
    service.guest.get("systemctl reload emotiond")
    service.says("1 of 2 cameras online, 3 faces")
    assert service.shows("ActiveState") == "active"
    assert service.shows("ExecMainStartTimestampMonotonic") == begun
    # systemctl waits for the new configuration where systemd can (253 and later): the journal has it already.
    if service.shows("Type") == "notify-reload":
        done = len([line for line in service.journal() if "reload: done" in line])
        service.configure(config)
        service.guest.get("systemctl reload emotiond && journalctl --sync")
        assert len([line for line in service.journal() if "reload: done" in line]) == done + 1


def test_a_reload_of_a_bad_file_is_refused_and_the_old_one_stays(service: Service) -> None:
    service.configure('[[camera]]\nname = "camera"\nsource = "gopher://nowhere"\n')
    service.guest.get("systemctl reload emotiond")
    service.guest.until(lambda: any("reload: [[camera]] camera: source" in line for line in service.journal()), 10.0)
    assert service.shows("ActiveState") == "active"
    service.says("1 camera, 3 faces")
