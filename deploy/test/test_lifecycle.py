"""Upgrade, rollback, removal: by the installer, and by apt's package."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.test.conftest import ARCH, DEPLOY, FILES, RELEASE
from deploy.test.guest import Guest
from deploy.test.release import next_release
from deploy.test.service import Service


@pytest.fixture(scope="module")
def service(installed: Guest) -> Service:
    return Service(installed)


@pytest.fixture(scope="module")
def releases(shared: Path) -> None:
    next_release(shared / "wheels-0", shared / "wheels-1", "7.0.0")
    next_release(shared / "wheels-0", shared / "wheels-2", "7.0.1", broken=True)


def left_over(guest: Guest, before: list[str]) -> list[str]:
    return sorted(set(guest.get(FILES).splitlines()) - set(before))


@pytest.mark.usefixtures("releases")
def test_an_upgrade_keeps_the_configuration(service: Service) -> None:
    service.guest.get("echo '# mine' >>/etc/emotiond/emotiond.toml")
    service.guest.get("sh /guest/install.sh --wheels /guest/wheels-1", seconds=200.0)
    assert "7.0.0-" in service.guest.get("readlink /opt/emotiond/current")
    assert service.guest.get("tail -n 1 /etc/emotiond/emotiond.toml") == "# mine"
    service.says("1 camera, 3 faces")


@pytest.mark.usefixtures("releases")
def test_a_version_that_does_not_get_ready_is_rolled_back(service: Service) -> None:
    done = service.guest.run("sh /guest/install.sh --wheels /guest/wheels-2", seconds=200.0)
    assert done.returncode == 1
    assert "does not start; back to 7.0.0-" in done.stderr
    assert "7.0.0-" in service.guest.get("readlink /opt/emotiond/current")
    service.says("1 camera, 3 faces")


def test_wheels_that_were_tampered_with_are_refused(service: Service) -> None:
    guest = service.guest
    guest.get(
        "cp -r /guest/wheels-0 /tmp/bad && printf x | tee -a /tmp/bad/tqdm-*.whl && sed -i s/^emotiond==0/emotiond==00/ /tmp/bad/requirements.txt"
    )
    done = guest.run("sh /guest/install.sh --wheels /tmp/bad", seconds=200.0)
    assert done.returncode == 1
    assert "cannot be installed" in done.stderr
    assert "7.0.0-" in guest.get("readlink /opt/emotiond/current")
    guest.get("rm -r /tmp/bad")


def test_uninstalling_leaves_configuration_and_state(service: Service, before: list[str]) -> None:
    service.guest.get("sh /opt/emotiond/current/share/install.sh --uninstall")
    left = left_over(service.guest, before)
    assert "/etc/emotiond/emotiond.toml" in left
    kept = ("/etc/emotiond", "/var/lib/emotiond", "/usr/lib/sysusers.d/emotiond.conf")
    assert [path for path in left if not path.startswith(kept)] == []


def test_purging_leaves_nothing(service: Service, before: list[str]) -> None:
    service.guest.get("sh /guest/install.sh --purge")
    assert left_over(service.guest, before) == []
    assert service.guest.run("getent passwd emotiond").returncode != 0
    assert service.guest.run("systemctl cat emotiond").returncode != 0


def test_the_debian_package_installs_upgrades_and_goes(
    service: Service, shared: Path, before: list[str], camera: str
) -> None:
    guest = service.guest
    package = ["sh", DEPLOY / "package.sh", shared / "wheels-0", RELEASE, ARCH, shared / "deb"]
    path = subprocess.run(package, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    install = f"DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /guest/deb/{Path(path).name}"
    guest.get(install, seconds=300.0)
    assert service.shows("ActiveState") == "active"
    config = guest.get("cat /etc/emotiond/emotiond.toml")
    service.configure(config.replace('source = "0"', f'source = "{camera}"'))
    guest.get("systemctl restart emotiond")
    service.says("1 camera, 3 faces")
    guest.get(install.replace("install -y", "install -y --reinstall"), seconds=300.0)
    service.says("1 camera, 3 faces")
    guest.get("apt-get remove -y emotiond")
    assert guest.get("test -e /etc/emotiond/emotiond.toml && ls /opt") == ""
    guest.get("apt-get purge -y emotiond")
    assert left_over(guest, before) == []
