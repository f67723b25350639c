"""OpenCV's Haar cascade (Viola and Jones 2001): the baseline."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from emotiond.records import Box, Face, Frame


class Haar:
    """The frontal-face cascade that OpenCV ships."""

    def __init__(self, scale_factor: float, neighbours: int, min_face_pixels: int) -> None:
        self._cascade = cv2.CascadeClassifier(
            str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml")  # type: ignore[attr-defined]
        )
        self._scale_factor = scale_factor
        self._neighbours = neighbours
        self._min_face_pixels = min_face_pixels

    def detect(self, frame: Frame) -> list[Face]:
        """Return the faces; the score is the cascade's level weight, above zero."""
        pixels = frame.pixels
        gray = np.asarray(pixels[:, :, 0] if pixels.shape[2] == 1 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
        if min(gray.shape) < self._min_face_pixels:
            return []
        boxes, _, weights = self._cascade.detectMultiScale3(
            gray,
            scaleFactor=self._scale_factor,
            minNeighbors=self._neighbours,
            minSize=(self._min_face_pixels, self._min_face_pixels),
            outputRejectLevels=True,
        )
        return [
            Face(Box(*(float(side) for side in box)), float(weight)) for box, weight in zip(boxes, weights, strict=True)
        ]
