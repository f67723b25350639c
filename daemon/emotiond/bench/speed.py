"""The bench of speed: scenes of many sizes through the pipeline and the service, and others beside it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Final

import msgspec

from emotiond import cameras, parts
from emotiond.bench import mosquitto, peers
from emotiond.bench.live import Live, live
from emotiond.bench.machine import describe
from emotiond.bench.naive import Against, Naive, against, timed
from emotiond.bench.peers import Network, PeerError, compared, guest, seconds_of
from emotiond.bench.pixels import Cut, cuts
from emotiond.bench.reel import CAMERA, Reel, as_jpeg, converted, decoded, rendered
from emotiond.bench.rush import Runner, Rush, rush
from emotiond.bench.startup import Startup, startup
from emotiond.config import Camera, Config
from emotiond.records import PixelFormat
from emotiond.vision.classifier import Classifier

FACES: Final = (1, 5, 10, 20, 40, 64)
SIZES: Final = ((640, 480), (1280, 720), (1920, 1080))
#: What a camera may send beside raw pixels.
MJPEG: Final = "mjpeg"
#: The empty room.
EMPTY_SIZE: Final = (1280, 720)
#: The scene that others are compared on.
COMPARED: Final = (20, 1280, 720)
ROUNDS: Final = 7

Told = Callable[[str], None]


@dataclass(frozen=True)
class Rivals:
    """Where optional peers are found."""

    #: An interpreter that has ``fer`` or Keras.
    python: str = sys.executable
    #: mini_XCEPTION as Keras wrote it; None leaves it out.
    keras: Path | None = None
    #: Our network as ONNX Runtime reads it; None leaves it out.
    onnx: Path | None = None


@dataclass(frozen=True)
class Line:
    """One scene or clip."""

    name: str
    #: People in it; of a clip, what was found.
    faces: int
    size: tuple[int, int]
    rush: Rush
    #: None without a broker.
    live: Live | None
    #: Nobody is there.
    empty: bool = False


@dataclass
class Report:
    """All that was measured, in the order in which it is told."""

    machine: dict[str, Any]
    startup: Startup | None = None
    lines: list[Line] = field(default_factory=list)
    against: list[Against] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    #: What could not be measured, and why.
    missing: list[str] = field(default_factory=list)

    def json(self) -> bytes:
        """Write it as JSON."""
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"


def measure(config: Config, reels: Sequence[Callable[[], Reel]], seconds: float, told: Told) -> Report:
    """Measure every reel for ``seconds`` as fast as it goes, and as long at its own rate through a broker."""
    report = Report(describe(parts.threads(config)))
    detector, classifier = parts.detector(config), parts.classifier(config)
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(mosquitto.running())
        if port is None:
            report.missing.append("latency, CPU share and memory at full rate: mosquitto is not installed")
        for make in reels:
            reel = make()
            told(f"{reel.name}: as fast as it goes")
            fast = rush(Runner(config, reel, detector, classifier), reel, seconds)
            slow = None
            if port is not None:
                told(f"{reel.name}: at {reel.rate_hz:g} frames per second")
                slow = live(config, reel, detector, classifier, port, seconds)
            faces = reel.faces if reel.faces or reel.empty else round(fast.found)
            report.lines.append(Line(reel.name, faces, reel.size, fast, slow, reel.empty))
    return report


def scenes(
    faces: Sequence[int] = FACES, sizes: Sequence[tuple[int, int]] = SIZES, wish: str = PixelFormat.BGR
) -> list[Callable[[], Reel]]:
    """Return what renders each scene in a format, when its turn comes."""
    return [_scene(count, size, wish) for size, count in product(sizes, faces)]


def usual(sizes: Sequence[tuple[int, int]] = SIZES, wish: str = PixelFormat.BGR) -> list[Callable[[], Reel]]:
    """Return what renders the usual scenes, and after them an empty room as two kinds of cameras show it."""
    return [*scenes(FACES, sizes, wish), *(_scene(0, EMPTY_SIZE, form) for form in (PixelFormat.YUYV, MJPEG))]


def clip(config: Config, path: str) -> Callable[[], Reel]:
    """Return what decodes a clip."""
    return lambda: decoded(path, cameras.source(config, Camera(name=CAMERA, source=path)))


def start(report: Report, config: Path | None, seconds: float, told: Told) -> None:
    """Start the service as a process of its own."""
    told("starting the service")
    report.startup = startup(config, seconds)
    if report.startup is None:
        report.missing.append("start and memory of the service: it did not get ready")


def compare(report: Report, config: Config, reel: Reel, rivals: Rivals, told: Told) -> None:
    """Run the naive pipeline, the kernels and whatever peers there are beside ours."""
    detector, classifier = parts.detector(config), parts.classifier(config)
    model = parts.classifier_file(config)
    runner = Runner(config, reel, detector, classifier)
    told("the naive pipeline")
    plain = timed(Naive(model, config.inference.runtime).process, reel)
    report.against.append(against("naive", plain, runner, reel, ROUNDS, 3))
    threads = parts.threads(config)
    builders: dict[str, Callable[[], Callable[[], object]]] = {
        "OpenVINO": partial(peers.openvino, model, threads),
        "ONNX Runtime": partial(peers.onnx, rivals.onnx, threads),
    }
    for name, build in builders.items():
        told(name)
        with _unless_missing(report, name):
            seconds = partial(seconds_of, build())
            report.networks.append(compared(f"{name}, our network", seconds, classifier, reel, ROUNDS))
    _guests(report, rivals, runner, classifier, reel, told)
    report.cuts += cuts(ROUNDS, told)


def _guests(report: Report, rivals: Rivals, runner: Runner, classifier: Classifier, reel: Reel, told: Told) -> None:
    for kind, of_keras in (("fer", False), ("fer-mtcnn", False), ("predict", True), ("batch", True)):
        told(f"peer: {kind}")
        with _unless_missing(report, f"peer {kind}"):
            model = rivals.keras if of_keras else None
            if of_keras and model is None:
                raise PeerError("needs the .hdf5 of mini_XCEPTION: --peer-keras FILE")
            with guest(rivals.python, kind, reel, model) as other:
                if kind == "batch":
                    report.networks.append(compared(other.name, other.seconds, classifier, reel, ROUNDS))
                else:
                    report.against.append(against(other.name, other.turn, runner, reel, 5, 2))


@contextlib.contextmanager
def _unless_missing(report: Report, name: str) -> Iterator[None]:
    try:
        yield
    except PeerError as error:
        report.missing.append(f"{name}: {error}")


def _scene(faces: int, size: tuple[int, int], wish: str) -> Callable[[], Reel]:
    if wish == MJPEG:
        return lambda: as_jpeg(rendered(faces, *size))
    return lambda: converted(rendered(faces, *size), PixelFormat(wish))
