"""A bare Debian becomes an appliance in one line, offline."""

from __future__ import annotations

import json

import pytest

from deploy.test.guest import Guest
from deploy.test.service import Service


@pytest.fixture
def service(installed: Guest) -> Service:
    return Service(installed)


def test_the_service_is_ready_when_the_installer_returns(service: Service) -> None:
    assert service.shows("ActiveState") == "active"
    waits = int(service.guest.get("systemctl --version | cut -d ' ' -f 2 | head -n 1")) >= 254
    assert service.shows("Type") == ("notify-reload" if waits else "notify")
    assert service.guest.get("systemctl is-enabled emotiond") == "enabled"


def test_events_arrive_at_the_local_broker(service: Service) -> None:
    line = service.guest.get("mosquitto_sub -t 'emotiond/+/camera/event' -C 1 -W 60", seconds=70.0)
    assert json.loads(line)["event_type"] == "enter"


def test_the_status_says_in_words_what_goes_on(service: Service) -> None:
    service.says("1 camera, 3 faces, ")
    service.says("fps, broker connected")


def test_the_service_runs_as_a_user_of_its_own_and_keeps_its_state(service: Service) -> None:
    assert service.guest.get(f"stat -c %U /proc/{service.shows('MainPID')}") == "emotiond"
    assert service.guest.get("stat -c '%U %a' /var/lib/emotiond") == "emotiond 700"


def test_only_root_and_the_service_may_read_the_configuration(service: Service) -> None:
    assert service.guest.get("stat -c '%U:%G %a' /etc/emotiond/emotiond.toml") == "root:emotiond 640"
    assert service.guest.run("setpriv --reuid=nobody --clear-groups cat /etc/emotiond/emotiond.toml").returncode != 0


def test_a_second_run_of_the_installer_keeps_the_configuration(service: Service) -> None:
    before = service.guest.get("cat /etc/emotiond/emotiond.toml")
    told = service.guest.get("sh /guest/install.sh --wheels /guest/wheels-0 --camera 7", seconds=200.0)
    assert "is kept" in told
    assert service.guest.get("cat /etc/emotiond/emotiond.toml") == before
    assert 'source = "0"' in service.guest.get("cat /etc/emotiond/emotiond.toml.default")


def test_the_password_is_taken_from_a_file_and_kept_where_root_alone_can_read_it(service: Service) -> None:
    guest = service.guest
    guest.get("umask 077 && printf sesame >/run/secret")
    guest.get("sh /guest/install.sh --wheels /guest/wheels-0 --password-file /run/secret", seconds=200.0)
    assert guest.get("stat -c '%U %a' /etc/emotiond/mqtt-password") == "root 600"
    assert guest.get("cat /etc/emotiond/mqtt-password") == "sesame"
    guest.get("rm /etc/emotiond/mqtt-password")
    done = guest.run("sh /guest/install.sh --wheels /guest/wheels-0 --password-file /run/nowhere")
    assert (done.returncode, done.stderr) == (2, "install.sh: /run/nowhere: cannot be read\n")


def test_a_password_on_the_command_line_is_refused(bare: Guest) -> None:
    done = bare.run("python3 /guest/configure.py --template /guest/emotiond.toml --broker mqtt://me:pass@host /tmp/out")
    assert done.returncode == 1
    assert "--password-file" in done.stderr
