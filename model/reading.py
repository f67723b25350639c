"""Bare face crops through the device's own classifier: the kernel, the interpreter, the sidecar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Box, Frame
from emotiond.vision.classifier import Classifier

#: Crops side by side in one frame: one batch of the classifier.
SHEET = 64


def read_crops(classifier: Classifier, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read crops u8 (n, h, w), each filling its box; return scores f32 (n, 7) and not-a-face f32 (n,)."""
    height, width = pixels.shape[1:]
    scores, not_a_face = [], []
    for start in range(0, len(pixels), SHEET):
        crops = pixels[start : start + SHEET]
        sheet = np.ascontiguousarray(crops.reshape(-1, width, 1))
        boxes = [Box(0.0, float(index * height), float(width), float(height)) for index in range(len(crops))]
        for reading in classifier.read(Frame("sheet", 0, 0.0, sheet, "crops", still=True), boxes):
            scores.append(reading.scores)
            not_a_face.append(reading.not_a_face)
    return np.stack(scores), np.array(not_a_face, np.float32)
