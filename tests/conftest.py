"""What several tests share: a real broker, a real subscriber, the daemon as a child process, real pictures."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from skimage import data

from emotiond.records import Box, Frame
from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.sidecar import SHIPPED
from tests.broker import Mosquitto
from tests.child import Child
from tests.listener import Listener
from tests.ports import free_port
from tests.terminal import TMUX, Terminal

# The same examples for everybody, and no verdict about the speed of a busy machine.
settings.register_profile("emotiond", deadline=None, derandomize=True, database=None)
settings.load_profile("emotiond")

#: The face in scikit-image's astronaut: it smiles.
ASTRONAUT_FACE = Box(173.0, 63.0, 104.0, 104.0)


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """u8 (512, 512, 3), BGR, one smiling face."""
    return np.ascontiguousarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR))


@pytest.fixture(scope="session")
def astronaut_face() -> Box:
    return ASTRONAUT_FACE


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The network that ships, on the runtime that `auto` finds."""
    return load_classifier(SHIPPED, "auto", 1)


@pytest.fixture
def shipped_model(tmp_path: Path) -> Path:
    """Return a copy of the network that ships, with its sidecar: a test may damage it."""
    for file in (SHIPPED, SHIPPED.with_suffix(".json")):
        shutil.copy(file, tmp_path)
    return tmp_path / SHIPPED.name


@pytest.fixture(scope="session")
def frame_of() -> Callable[[NDArray[np.uint8]], Frame]:
    """Wrap pixels u8 (h, w, c) into a frame."""
    return lambda pixels: Frame("camera", 0, 0.0, pixels, "picture")


@pytest.fixture
def port() -> int:
    """A loopback port that nobody uses."""
    return free_port()


@pytest.fixture
def mosquitto(port: int, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that is configured and not yet started; whatever runs at the end is stopped."""
    broker = Mosquitto(port, tmp_path / "mosquitto")
    yield broker
    broker.stop()


@pytest.fixture
def listen(mosquitto: Mosquitto) -> Iterator[Callable[..., Listener]]:
    """Connect a subscriber to every topic of the running broker; needs user and password where the broker does."""
    with contextlib.ExitStack() as stack:
        yield lambda user="", password="": stack.enter_context(
            contextlib.closing(Listener(mosquitto.port, user, password))
        )


@pytest.fixture
def emotiond(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """Start `python -m emotiond ARGUMENTS…` as a child process; whatever still runs at the end is killed."""
    children: list[Child] = []

    def start(*arguments: str | Path, **environment: str) -> Child:
        child = Child(tmp_path / f"child-{len(children)}", [str(word) for word in arguments], environment)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in which nothing runs yet."""
    if TMUX is None:
        pytest.skip("no tmux (apt: tmux)")
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


@pytest.fixture
def config_file(tmp_path: Path) -> Callable[[str], Path]:
    """Write a configuration and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "emotiond.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """Write a video of `frames` pictures, 10 a second, with one face that sways, and return its path."""

    def write(frames: int, name: str = "clip.mp4") -> Path:
        path = tmp_path / name
        picture = cv2.cvtColor(data.astronaut()[:240, 60:380], cv2.COLOR_RGB2BGR)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (320, 240))
        assert writer.isOpened()
        for index in range(frames):
            writer.write(np.roll(picture, index % 8, axis=1))
        writer.release()
        return path

    return write


@pytest.fixture
def shared_data(pytestconfig: pytest.Config) -> Path:
    """The research data beside a checkout, which most machines lack; tests that need it skip."""
    return pytestconfig.rootpath.parent / "shared" / "data"
