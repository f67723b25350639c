"""The guests that the tests share, and what lies in their folder `/guest`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from deploy.test.guest import Guest
from emotiond.capture.synthetic import Parameters, Synthetic

DEPLOY = Path(__file__).resolve().parent.parent
RELEASE = os.environ.get("RELEASE", "bookworm")
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "")
CAMERA_PORT = 8090
SUPPORT = (
    "install.sh",
    "configure.py",
    "delay.sh",
    *(f"emotiond.{kind}" for kind in ("service", "sysusers", "modules", "toml")),
)

#: What may differ between before and after: what runs, what is logged, what caches.
ELSEWHERE = "-path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /guest -o -path /var/log"
CACHES = "-o -path /var/cache -o -path /var/lib/systemd -o -path /var/lib/mosquitto -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /root"
FILES = f"find / \\( {ELSEWHERE} {CACHES} -o -name __pycache__ \\) -prune -o -print | sort"


def cannot() -> str:
    """Say why this machine can boot no guest; empty where it can."""
    if os.geteuid() != 0:
        return "root is needed"
    if not ARCH:
        return f"no release for {platform.machine()}"
    missing = [name for name in ("systemd-nspawn", "mmdebstrap", "nsenter", "unshare") if shutil.which(name) is None]
    return f"missing: {', '.join(missing)}" if missing else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # All share one guest, and the last file removes emotiond from it.
    items.sort(key=lambda item: item.path.name == "test_lifecycle.py")
    reason = cannot()
    if not reason:
        return
    if os.environ.get("CI"):
        pytest.exit(f"the appliance cannot be tested here: {reason}", returncode=1)
    for item in items:
        item.add_marker(pytest.mark.skip(reason=f"THE APPLIANCE IS NOT TESTED: {reason}"))


@pytest.fixture(scope="session")
def root() -> Path:
    done = subprocess.run(
        ["sh", DEPLOY / "root.sh", "test", RELEASE, ARCH], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder that the guests see as `/guest`: the installer, its wheels, pictures of a room."""
    folder = tmp_path_factory.mktemp("guest")
    for name in SUPPORT:
        shutil.copy(DEPLOY / name, folder / name)
    for name in ("camera.py", "hang.py"):
        shutil.copy(DEPLOY / "test" / name, folder / name)
    shutil.copytree(os.environ["WHEELS"], folder / "wheels-0")
    (folder / "frames").mkdir()
    scene = Synthetic(Parameters(faces=3, width=480, height=270, face_pixels=90, frames=24, rate=8.0))
    scene.open()
    while (picture := scene.read()) is not None:
        cv2.imwrite(str(folder / "frames" / f"{round(picture.time_seconds * 8):03}.jpg"), picture.pixels)
    nobody = Synthetic(Parameters(faces=0, width=480, height=270))
    nobody.open()
    empty = nobody.read()
    assert empty is not None
    (folder / "empty").mkdir()
    cv2.imwrite(str(folder / "empty" / "0.jpg"), empty.pixels)
    return folder


@pytest.fixture(scope="session")
def bare(root: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """Boot a system as it comes from Debian, with a camera on its network and no emotiond."""
    folder = tmp_path_factory.mktemp("system")
    guest = Guest(root, folder, shared, f"emotiond-{folder.name}-{os.getpid()}")
    try:
        guest.boot()
        yield guest
    finally:
        guest.stop()


@pytest.fixture(scope="session")
def before(bare: Guest) -> list[str]:
    """List the files of the system before anything is installed."""
    return bare.get(FILES).splitlines()


@pytest.fixture(scope="session")
def camera(bare: Guest) -> str:
    bare.get(f"systemd-run --quiet --unit=camera python3 /guest/camera.py {CAMERA_PORT} /guest/frames")
    return f"http://127.0.0.1:{CAMERA_PORT}/stream.mjpg"


@pytest.fixture(scope="session")
def installed(bare: Guest, before: list[str], camera: str) -> Guest:
    """Install emotiond offline, as a new user would."""
    assert before
    bare.get(f"sh /guest/install.sh --wheels /guest/wheels-0 --camera {camera} --with-broker", seconds=300.0)
    return bare
