"""The pipeline of the tutorials, to compare with: Haar on every frame, one ``invoke`` per face, no tracks.

Pure Python and OpenCV, as it stands in a hundred repositories, on the same network and the same frames.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from emotiond.bench.reel import Reel
from emotiond.bench.rush import Runner
from emotiond.records import Frame
from emotiond.vision.runtime import load_runtime
from emotiond.vision.sidecar import load_sidecar


class Naive:
    """Finds, cuts, divides, invokes: face by face."""

    def __init__(self, model: Path, runtime: str) -> None:
        self._contract = load_sidecar(model).input
        self._interpreter: Any = load_runtime(runtime)[1](model_path=str(model))
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        cascade = Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"  # type: ignore[attr-defined]
        self._cascade = cv2.CascadeClassifier(str(cascade))

    def process(self, frame: Frame) -> int:
        """Read every face of a BGR frame; return how many there were."""
        gray = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY)
        boxes = self._cascade.detectMultiScale(gray, 1.1, 5)
        for x, y, width, height in boxes:
            face = cv2.resize(gray[y : y + height, x : x + width], (self._contract.width_pixels,) * 2)
            tensor = (face.astype(np.float32) / 255.0)[None, :, :, None]
            self._interpreter.set_tensor(self._input, np.repeat(tensor, self._contract.channels, axis=3))
            self._interpreter.invoke()
            int(self._interpreter.get_tensor(self._output)[0].argmax())
        return len(boxes)


@dataclass(frozen=True)
class Against:
    """Frames per second of both, on the same frames, and how many times as fast ours is: medians of rounds."""

    scene: str
    other: str
    other_frames_per_second: float
    our_frames_per_second: float
    ratio: float
    other_found: float
    our_found: float


#: Reads the frame of a reel at an index; returns the faces that it read, and its seconds.
Turn = Callable[[int], tuple[int, float]]


def timed(process: Callable[[Frame], int], reel: Reel) -> Turn:
    """Return what times ``process``, which takes a frame and returns how many faces it read."""

    def turn(index: int) -> tuple[int, float]:
        frame, began = reel.frame(index), time.perf_counter()
        return process(frame), time.perf_counter() - began

    return turn


def against(name: str, turn: Turn, runner: Runner, reel: Reel, rounds: int, frames: int) -> Against:
    """Let them and us run in turn, on the same frames."""
    theirs, ours, their_faces, our_faces = [], [], [], []
    for number in range(rounds):
        spent = [turn(reel.place(number * frames + index)) for index in range(frames)]
        their_faces += [faces for faces, _ in spent]
        theirs.append(statistics.fmean(seconds for _, seconds in spent))
        # Ours takes longer stretches: a detection is not in every frame.
        result = runner.frames(4 * frames)
        ours.append(result["seconds"] / (4 * frames))
        our_faces.append(result["found"] / (4 * frames))
    return Against(
        reel.name,
        name,
        1.0 / statistics.median(theirs),
        1.0 / statistics.median(ours),
        statistics.median(other / our for other, our in zip(theirs, ours, strict=True)),
        statistics.fmean(their_faces),
        statistics.fmean(our_faces),
    )
