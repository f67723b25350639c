"""What the service may not do, seen from inside its own sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.test.guest import Guest
from deploy.test.service import Service

#: Each line must hold inside the sandbox.
PROBES = {
    "nothing of the system can be written": "! touch /usr/probe /etc/probe /opt/probe",
    "homes are out of sight": '[ -z "$(ls -A /root /home 2>/dev/null)" ]',
    "the passwords of the system cannot be read": "! cat /etc/shadow",
    "the broker's password file cannot be read": "! cat /etc/emotiond/mqtt-password",
    "its own credential can be read": '[ "$(cat $CREDENTIALS_DIRECTORY/mqtt-password)" = sesame ]',
    "its state can be written": "touch $STATE_DIRECTORY/probe",
    "memory cannot be looked at": "! head -c 1 /dev/mem",
    "cameras, which belong to the group video, can be read": "cat /run/of-video",
    "other processes are out of sight": "[ ! -e /proc/1/cmdline ]",
    "the processor can be looked at, for the TFLite runtime": "cat /proc/cpuinfo",
    "no capability is left": "grep -q '^CapEff:.0*$' /proc/self/status && grep -q '^CapBnd:.0*$' /proc/self/status",
    "no namespace can be made": "! unshare --user true",
    "system calls are filtered": "grep -q '^Seccomp:.2$' /proc/self/status",
}


@pytest.fixture(scope="module")
def answers(installed: Guest) -> Iterator[list[str]]:
    """Run every probe where the service itself runs, before it starts."""
    service = Service(installed)
    installed.write(
        "/usr/local/bin/probe",
        "".join(f"if ({probe}) >/dev/null; then echo yes; else echo no; fi\n" for probe in PROBES.values()),
    )
    installed.get("echo picture >/run/of-video && chgrp video /run/of-video && chmod 640 /run/of-video")
    installed.get("printf sesame >/etc/emotiond/mqtt-password && chmod 600 /etc/emotiond/mqtt-password")
    service.settings("ExecStartPre=/bin/sh -c 'sh /usr/local/bin/probe >%S/emotiond/answers'")
    installed.get("systemctl restart emotiond")
    yield installed.get("cat /var/lib/emotiond/answers").splitlines()
    service.settings("")
    installed.get("rm /usr/local/bin/probe /etc/emotiond/mqtt-password && systemctl restart emotiond")


@pytest.mark.parametrize("number", range(len(PROBES)), ids=list(PROBES))
def test_the_sandbox_holds(answers: list[str], number: int) -> None:
    assert answers[number] == "yes"


def test_systemd_rates_the_exposure_at_most_1_5(installed: Guest) -> None:
    told = installed.get("systemd-analyze security emotiond --threshold=15 --no-pager")
    print(told.splitlines()[-1])


def test_systemd_has_no_complaint_about_the_unit(installed: Guest) -> None:
    done = installed.run("systemd-analyze verify emotiond.service")
    assert (done.returncode, done.stderr) == (0, "")


def test_cameras_that_are_plugged_in_later_are_allowed(installed: Guest) -> None:
    assert "videodev" in installed.get("cat /etc/modules-load.d/emotiond.conf")
    assert "char-video4linux rw" in installed.get("systemctl show emotiond -P DeviceAllow")
