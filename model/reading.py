"""Bare face crops through the device's own classifier: the kernel, the interpreter, the sidecar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Box, Frame, Reading
from emotiond.vision.classifier import Classifier

#: Crops side by side in one frame: one batch of the classifier.
SHEET = 64


def read_crops(classifier: Classifier, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read crops u8 (n, h, w), each filling its box; return scores f32 (n, 7) and not-a-face f32 (n,)."""
    return columns(reading for frame, boxes in _sheets(pixels) for reading in classifier.read(frame, boxes))


def columns(readings: Iterable[Reading]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the scores f32 (n, 7) and not-a-face f32 (n,) of ``readings``."""
    scores, not_a_face = zip(*((reading.scores, reading.not_a_face) for reading in readings), strict=True)
    return np.stack(scores), np.array(not_a_face, np.float32)


def outputs_of(classifier: Classifier, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the network gives for crops u8 (n, h, w), f32 (n, labels), before the sidecar has a say."""
    engine = classifier.engines[0]
    return np.concatenate([engine.run(frame, boxes).outputs for frame, boxes in _sheets(pixels)])


def _sheets(pixels: NDArray[np.uint8]) -> Iterator[tuple[Frame, list[Box]]]:
    height, width = pixels.shape[1:]
    for start in range(0, len(pixels), SHEET):
        crops = pixels[start : start + SHEET]
        sheet = np.ascontiguousarray(crops.reshape(-1, width, 1))
        boxes = [Box(0.0, float(index * height), float(width), float(height)) for index in range(len(crops))]
        yield Frame("sheet", 0, 0.0, sheet, "crops", still=True), boxes
