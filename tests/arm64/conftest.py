"""An arm64 system whose programs qemu runs, the program laid out for it, and the same program installed there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from emotiond.capture.synthetic import Parameters, Synthetic
from tests.arm64 import TOP
from tests.arm64.guest import Guest

RELEASE = os.environ.get("RELEASE", "bookworm")
FACES = 3


def cannot() -> str:
    """Say why nothing can be tried here; empty where it can."""
    if not os.environ.get("WHEELS"):
        return "`make test-arm64` builds what it needs"
    done = subprocess.run(["sh", TOP / "deploy" / "emulate.sh", "true"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    reason = cannot() if ours else ""
    for item in ours if reason else []:
        item.add_marker(pytest.mark.skip(reason=f"ARM64 IS NOT TESTED: {reason}"))


@pytest.fixture(scope="session")
def wheels() -> Path:
    """Give the folder that deploy/wheels.sh has filled."""
    return Path(os.environ["WHEELS"]).resolve()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """Make the folder that the guest sees as `/shared`: a picture of a room; the wheels, unpacked, with the test tools.

    They are unpacked by this machine's pip, which needs seconds for what takes an emulated one minutes.
    """
    folder = tmp_path_factory.mktemp("shared")
    scene = Synthetic(Parameters(faces=FACES, width=640, height=360, face_pixels=100))
    scene.open()
    picture = scene.read()
    assert picture is not None
    cv2.imwrite(str(folder / "room.png"), picture.pixels)
    python = next(wheels.glob("emotiond-*.whl")).name.split("-")[2].removeprefix("cp3")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--only-binary=:all:"]
    pip += [f"--target={folder / 'unpacked'}", f"--python-version=3.{python}"]
    pip += [f"--platform={kind}_aarch64" for kind in ("linux", "manylinux2014", "manylinux_2_27", "manylinux_2_28")]
    ours = ["--no-index", f"--find-links={wheels}", "--require-hashes", f"--requirement={wheels / 'requirements.txt'}"]
    subprocess.run([*pip, *ours], check=True)
    tools = ["pytest", "hypothesis", "iniconfig", "packaging", "pluggy", "sortedcontainers"]
    subprocess.run([*pip, *tools], check=True)
    return folder


@pytest.fixture(scope="session")
def guest(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Guest:
    """Give a Debian without emotiond."""
    made = subprocess.run(
        ["sh", TOP / "deploy" / "root.sh", "test", RELEASE, "arm64"], stdout=subprocess.PIPE, text=True, check=True
    )
    return Guest(Path(made.stdout.strip()), tmp_path_factory.mktemp("arm64"), shared)
