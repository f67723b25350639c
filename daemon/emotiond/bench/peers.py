"""What others make of the same work, where they are installed: ``fer`` whole, OpenVINO on our own network."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from emotiond.bench.reel import Reel
from emotiond.records import Box, Frame
from emotiond.vision.classifier import Classifier

BATCH: Final = 16


@dataclass(frozen=True)
class Network:
    """Faces per second of one network on another runtime and on ours, at batch 16; medians of rounds."""

    other: str
    other_faces_per_second: float
    our_faces_per_second: float
    ratio: float


def fer() -> Callable[[Frame], int] | None:
    """Return what reads a frame with the package ``fer`` and counts its faces; None where it is not installed."""
    try:
        reader = importlib.import_module("fer.fer").FER()
    except ImportError:
        return None
    return lambda frame: len(reader.detect_emotions(frame.pixels))


def openvino(model: Path, threads: int) -> Callable[[], object] | None:
    """Return what takes one batch through ``model`` with OpenVINO; None where it is not installed."""
    try:
        core: Any = importlib.import_module("openvino").Core()
    except ImportError:
        return None
    network = core.read_model(str(model))
    shape = [BATCH, *(dimension.get_length() for dimension in list(network.input(0).partial_shape)[1:])]
    network.reshape(shape)
    request = core.compile_model(
        network, "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    ).create_infer_request()
    batch = np.random.default_rng(1).random(shape, np.float32)
    return lambda: request.infer([batch])


def compared(name: str, other: Callable[[], object], classifier: Classifier, reel: Reel, rounds: int) -> Network:
    """Time both in turn. Ours also cuts the faces out, theirs finds its batch ready."""
    frame = reel.frame(0)
    step = frame.width / BATCH
    boxes = [Box(step * index, frame.height / 4.0, 48.0, 48.0) for index in range(BATCH)]
    pairs = [
        (_faces_per_second(other), _faces_per_second(lambda: classifier.read(frame, boxes))) for _ in range(rounds)
    ]
    theirs, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Network(name, theirs, ours, statistics.median(our / their for their, our in pairs))


def _faces_per_second(run: Callable[[], object]) -> float:
    run()
    runs, began = 0, time.perf_counter()
    while time.perf_counter() - began < 0.1 or runs < 2:
        run()
        runs += 1
    return BATCH * runs / (time.perf_counter() - began)
