"""What others make of the same work, where they are: whole programs as guests, OpenVINO and ONNX Runtime on our network."""

from __future__ import annotations

import contextlib
import importlib
import json
import selectors
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from emotiond.bench.guest import BATCH
from emotiond.bench.reel import Reel
from emotiond.records import Box
from emotiond.vision.classifier import Classifier

#: TensorFlow alone takes a good while to load.
START_SECONDS: Final = 300.0


class PeerError(Exception):
    """A peer is not here or cannot be used; the message says why."""


@dataclass(frozen=True)
class Network:
    """Faces per second of one network on another runtime and on ours, at batch 16; medians of rounds."""

    other: str
    other_faces_per_second: float
    our_faces_per_second: float
    ratio: float


class Guest:
    """A peer in an interpreter of its own; ``name`` is what it calls itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.name = ""
        said = self._answer()
        if "missing" in said:
            raise PeerError(said["missing"])
        self.name = said["name"]

    def turn(self, index: int) -> tuple[int, float]:
        """Let it read the frame at ``index``; return its faces and seconds."""
        if self._process.stdin is None:
            raise PeerError("cannot be asked")
        self._process.stdin.write(f"{index}\n")
        self._process.stdin.flush()
        said = self._answer()
        return said["faces"], said["seconds"]

    def seconds(self) -> float:
        """Say how long it takes for a batch; the frame does not matter then."""
        return self.turn(0)[1]

    def _answer(self) -> dict[str, Any]:
        stream = self._process.stdout
        if stream is None:
            raise PeerError("cannot be heard")
        with selectors.DefaultSelector() as waiting:
            waiting.register(stream, selectors.EVENT_READ)
            line = stream.readline() if waiting.select(START_SECONDS) else ""
        if not line:
            raise PeerError("has ended, or says nothing")
        said: dict[str, Any] = json.loads(line)
        return said


@contextlib.contextmanager
def guest(python: str, kind: str, reel: Reel, model: Path | None = None) -> Iterator[Guest]:
    """Run a peer of ``guest.py`` on the frames of a reel of BGR; raise ``PeerError`` where it cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        frames = Path(folder) / "frames.npy"
        np.save(frames, np.stack(reel.pictures))
        script = Path(__file__).with_name("guest.py")
        words = [python, "-P", str(script), kind, str(frames), *([str(model)] if model else [])]
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
            )
        except OSError as error:
            raise PeerError(f"{python}: {error.strerror}") from error
        with process:
            try:
                yield Guest(process)
            finally:
                process.kill()


def openvino(model: Path, threads: int) -> Callable[[], object]:
    """Return what takes one batch through ``model``, a ``.tflite``, with OpenVINO."""
    core: Any = _package("openvino").Core()
    network = core.read_model(str(model))
    shape = [BATCH, *(dimension.get_length() for dimension in list(network.input(0).partial_shape)[1:])]
    network.reshape(shape)
    request = core.compile_model(
        network, "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    ).create_infer_request()
    batch = np.random.default_rng(1).random(shape, np.float32)
    return lambda: request.infer([batch])


def onnx(model: Path | None, threads: int) -> Callable[[], object]:
    """Return what takes one batch through ``model``, an ``.onnx`` of our network, with ONNX Runtime."""
    runtime = _package("onnxruntime")
    if model is None:
        raise PeerError("needs our network as .onnx: --onnx FILE (python -m model.export_onnx)")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own exceptions have no base class that can be named
        raise PeerError(f"{model}: {str(error).splitlines()[0]}") from error
    (reads,) = session.get_inputs()
    batch = np.random.default_rng(1).random((BATCH, *reads.shape[1:]), np.float32)
    return lambda: session.run(None, {reads.name: batch})


def seconds_of(other: Callable[[], object]) -> float:
    """Return how long one call takes, the mean over a tenth of a second."""
    other()
    runs, began = 0, time.perf_counter()
    while time.perf_counter() - began < 0.1 or runs < 2:
        other()
        runs += 1
    return (time.perf_counter() - began) / runs


def compared(name: str, seconds: Callable[[], float], classifier: Classifier, reel: Reel, rounds: int) -> Network:
    """Time both in turn; ``seconds`` says how long theirs takes for a batch. Ours also cuts the faces out."""
    frame = reel.frame(0)
    step = frame.width / BATCH
    boxes = [Box(step * index, frame.height / 4.0, 48.0, 48.0) for index in range(BATCH)]
    pairs = [(BATCH / seconds(), BATCH / seconds_of(lambda: classifier.read(frame, boxes))) for _ in range(rounds)]
    theirs, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Network(name, theirs, ours, statistics.median(our / their for their, our in pairs))


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PeerError("not installed (pip install 'emotiond[bench]')") from error
