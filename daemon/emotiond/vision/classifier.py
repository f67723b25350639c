"""Reads expressions: a batch of faces through the TFLite interpreter, and its outputs into our seven emotions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS, Box, Frame, Reading
from emotiond.vision.batch import fill
from emotiond.vision.quality import EVERYTHING, Eyesight
from emotiond.vision.runtime import load_runtime
from emotiond.vision.sidecar import ModelError, Sidecar, load_sidecar

#: Faces in one batch at most: what is beyond goes into the next one, so that memory has a ceiling.
LARGEST_BATCH = 64
#: What is said of a face that was not read.
UNREADABLE: Final = Reading(np.full(len(EMOTIONS), 1.0 / len(EMOTIONS), np.float32), 0.0, 0.0)


class Classifier:
    """One network with its sidecar, on one interpreter; belongs to one thread."""

    def __init__(self, model: Path, sidecar: Sidecar, interpreter: Any, runtime: str, eyesight: Eyesight) -> None:
        self.sidecar = sidecar
        #: Name of the runtime that was found.
        self.runtime = runtime
        self._eyesight = eyesight
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]["index"]
        self._output = interpreter.get_output_details()[0]["index"]
        self._batch = 0
        self._columns = sidecar.emotion_columns()
        self._reject = sidecar.reject_column()
        self._weights = _prior_weights(sidecar)
        self._check(model)

    def read(self, frame: Frame, boxes: Sequence[Box]) -> list[Reading]:
        """Read the faces in ``boxes``, pixels of ``frame``; what cannot be read well enough has the quality 0."""
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
        self._resize(len(boxes))
        # `invoke` refuses to run while a view of a tensor is alive: it lives in this one call alone.
        sharpness = fill(self._interpreter.tensor(self._input)(), frame, boxes, self.sidecar.input)
        self._interpreter.invoke()
        seen = (quality * self._eyesight.of_crops(sharpness)).tolist()
        return self.readings_of(self._interpreter.get_tensor(self._output), seen)

    def _resize(self, batch: int) -> None:
        # Exactly as large as it must be: a resize costs less than padding does.
        if batch != self._batch:
            contract = self.sidecar.input
            shape = (batch, contract.height_pixels, contract.width_pixels, contract.channels)
            self._interpreter.resize_tensor_input(self._input, shape)
            self._interpreter.allocate_tensors()
            self._batch = batch

    def _check(self, model: Path) -> None:
        contract = self.sidecar.input
        said = (contract.height_pixels, contract.width_pixels, contract.channels)
        found = tuple(int(side) for side in self._interpreter.get_input_details()[0]["shape"][1:])
        outputs = int(self._interpreter.get_output_details()[0]["shape"][-1])
        if found != said:
            raise ModelError(f"{model}: reads {found} and its sidecar says {said} (height, width, channels)")
        if outputs != len(self.sidecar.labels):
            raise ModelError(f"{model}: has {outputs} outputs and its sidecar {len(self.sidecar.labels)} labels")
        if self._interpreter.get_input_details()[0]["dtype"] != np.float32:
            raise ModelError(f"{model}: must read float32")


def load_classifier(model: Path, runtime: str, threads: int, eyesight: Eyesight = EVERYTHING) -> Classifier:
    """Load ``model`` and its sidecar; raise ``ModelError`` or ``RuntimeMissingError`` where that cannot be.

    Faces below the sidecar's own smallest size are not read, whatever ``eyesight`` says.
    """
    name, interpreter_class = load_runtime(runtime)
    sidecar = load_sidecar(model)
    try:
        interpreter = interpreter_class(model_path=str(model), num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{model}: not a TFLite file that {name} can run: {reason}") from error
    smallest = max(eyesight.min_face_pixels, sidecar.min_face_pixels)
    return Classifier(model, sidecar, interpreter, name, replace(eyesight, min_face_pixels=smallest))


def _prior_weights(sidecar: Sidecar) -> NDArray[np.float32]:
    if sidecar.prior_power == 0.0:
        return np.ones(len(EMOTIONS), np.float32)
    return (np.array(sidecar.prior) ** -sidecar.prior_power).astype(np.float32)
