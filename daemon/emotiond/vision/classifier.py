"""Reads expressions: a batch of faces through the TFLite interpreter, and its outputs into our seven emotions."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS, Box, Frame, Reading
from emotiond.vision.engine import Engine
from emotiond.vision.quality import EVERYTHING, Eyesight
from emotiond.vision.runtime import load_runtime
from emotiond.vision.sidecar import ModelError, Sidecar, load_sidecar

#: Faces in one batch at most: what is beyond goes into the next one, so that memory has a ceiling.
LARGEST_BATCH = 64
#: What is said of a face that was not read.
UNREADABLE: Final = Reading(np.full(len(EMOTIONS), 1.0 / len(EMOTIONS), np.float32), 0.0, 0.0)


class Classifier:
    """One network with its sidecar, on one engine or several; belongs to one thread.

    Several engines share every batch and work at the same time, one in the caller's thread and each of the others in
    one of its own: what is read does not depend on how many there are.
    """

    def __init__(
        self, model: Path, sidecar: Sidecar, engines: Sequence[Engine], runtime: str, eyesight: Eyesight
    ) -> None:
        self.sidecar = sidecar
        #: Name of the runtime that was found.
        self.runtime = runtime
        self.engines = tuple(engines)
        self._eyesight = eyesight
        # It starts a thread when there is work for one, and none at all for a single engine.
        self._helpers = ThreadPoolExecutor(max(1, len(engines) - 1), thread_name_prefix="classifier")
        self._columns = sidecar.emotion_columns()
        self._reject = sidecar.reject_column()
        self._weights = _prior_weights(sidecar)
        self._check(model)

    def read(self, frame: Frame, boxes: Sequence[Box]) -> list[Reading]:
        """Read the faces in ``boxes``, pixels of ``frame``; what cannot be read well enough has the quality 0."""
        if not boxes:
            return []
        width, height = frame.width, frame.height
        quality = self._eyesight.of_boxes(boxes, (width, height))
        readings = [UNREADABLE] * len(boxes)
        readable = np.flatnonzero(quality > 0.0).tolist()
        for start in range(0, len(readable), LARGEST_BATCH):
            chosen = readable[start : start + LARGEST_BATCH]
            batch = self._read_batch(frame, [boxes[index] for index in chosen], quality[chosen])
            for index, reading in zip(chosen, batch, strict=True):
                readings[index] = reading
        return readings

    def readings_of(self, outputs: NDArray[np.float32], quality: Sequence[float] | None = None) -> list[Reading]:
        """Turn raw outputs, f32 (n, labels), of faces seen as well as ``quality`` (n,) says into readings."""
        quality = [1.0] * len(outputs) if quality is None else quality
        if self.sidecar.output == "logits":
            scaled = outputs / self.sidecar.temperature
            outputs = np.exp(scaled - scaled.max(axis=1, keepdims=True))
            outputs /= outputs.sum(axis=1, keepdims=True)
        not_a_face = outputs[:, self._reject] if self._reject is not None else np.zeros(len(outputs), np.float32)
        scores = np.where(self._columns >= 0, outputs[:, self._columns], 0.0) * self._weights
        total = scores.sum(axis=1, keepdims=True)
        # A network that is sure of "not a face" leaves nothing to share out.
        scores = np.where(total > 1e-9, scores / np.maximum(total, 1e-9), 1.0 / len(EMOTIONS)).astype(np.float32)
        return [
            Reading(row, float(reject), seen) for row, reject, seen in zip(scores, not_a_face, quality, strict=True)
        ]

    def _read_batch(self, frame: Frame, boxes: Sequence[Box], quality: NDArray[np.float64]) -> list[Reading]:
        shares = _shares(boxes, len(self.engines))
        others = [
            self._helpers.submit(engine.run, frame, share)
            for engine, share in zip(self.engines[1:], shares[1:], strict=False)
        ]
        parts = [self.engines[0].run(frame, shares[0]), *(other.result() for other in others)]
        outputs = np.concatenate([part.outputs for part in parts])
        sharpness = np.concatenate([part.sharpness for part in parts])
        return self.readings_of(outputs, (quality * self._eyesight.of_crops(sharpness)).tolist())

    def _check(self, model: Path) -> None:
        contract, engine = self.sidecar.input, self.engines[0]
        said = (contract.height_pixels, contract.width_pixels, contract.channels)
        if engine.shape != said:
            raise ModelError(f"{model}: reads {engine.shape} and its sidecar says {said} (height, width, channels)")
        if engine.outputs != len(self.sidecar.labels):
            raise ModelError(f"{model}: has {engine.outputs} outputs and its sidecar {len(self.sidecar.labels)} labels")
        if not engine.reads_floats:
            raise ModelError(f"{model}: must read float32")


def load_classifier(model: Path, runtime: str, threads: int, eyesight: Eyesight = EVERYTHING) -> Classifier:
    """Load ``model`` and its sidecar on ``threads`` engines of one thread each; raise ``ModelError`` or ``RuntimeMissingError`` where that cannot be.

    Faces below the sidecar's own smallest size are not read, whatever ``eyesight`` says.
    """
    name, interpreter_class = load_runtime(runtime)
    sidecar = load_sidecar(model)
    try:
        # One thread each: kernels with several threads collapse when others want the cores, too.
        interpreters = [interpreter_class(model_path=str(model), num_threads=1) for _ in range(threads)]
        for interpreter in interpreters:
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{model}: not a TFLite file that {name} can run: {reason}") from error
    smallest = max(eyesight.min_face_pixels, sidecar.min_face_pixels)
    engines = [Engine(interpreter, sidecar.input) for interpreter in interpreters]
    return Classifier(model, sidecar, engines, name, replace(eyesight, min_face_pixels=smallest))


def _shares(boxes: Sequence[Box], count: int) -> list[Sequence[Box]]:
    """Divide ``boxes``, in their order, into ``count`` parts of nearly the same size; none is empty."""
    count = min(count, len(boxes))
    ends = [len(boxes) * index // count for index in range(count + 1)]
    return [boxes[begin:end] for begin, end in pairwise(ends)]


def _prior_weights(sidecar: Sidecar) -> NDArray[np.float32]:
    if sidecar.prior_power == 0.0:
        return np.ones(len(EMOTIONS), np.float32)
    return (np.array(sidecar.prior) ** -sidecar.prior_power).astype(np.float32)
