"""The package for arm64 installs offline on a system that holds no more than it asks for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.arm64 import TOP
from tests.arm64.conftest import RELEASE
from tests.arm64.guest import Guest


@pytest.fixture(scope="module")
def installed(guest: Guest, wheels: Path) -> Guest:
    package = ["sh", TOP / "deploy" / "package.sh", wheels, RELEASE, "arm64", guest.shared]
    subprocess.run(package, check=True)
    # What the package depends on is there, and was never registered.
    guest.get("dpkg --force-depends --install /shared/*.deb", seconds=3600.0)
    return guest


def test_the_command_is_there(installed: Guest, wheels: Path) -> None:
    assert next(wheels.glob("emotiond-*.whl")).name.split("-")[1] in installed.get("emotiond --version")
    assert installed.get("dpkg --print-architecture") == "arm64"


def test_the_configuration_that_was_written_is_good(installed: Guest) -> None:
    installed.get("emotiond check")


def test_the_service_begins_with_the_machine_and_has_a_user_of_its_own(installed: Guest) -> None:
    assert installed.get("systemctl is-enabled emotiond") == "enabled"
    assert installed.get("getent passwd emotiond")


def test_it_goes_without_a_trace(installed: Guest) -> None:
    installed.get("dpkg --purge emotiond")
    assert installed.run("ls -d /opt/emotiond /etc/emotiond /usr/bin/emotiond").stdout == ""
