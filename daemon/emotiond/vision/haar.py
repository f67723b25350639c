"""OpenCV's Haar cascade (Viola and Jones 2001): the baseline."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from emotiond.records import Box, Face, Frame
from emotiond.vision.detector import smallest_pixels

#: Side of the cascade's own window: it sees no smaller face, however large the picture.
WINDOW_PIXELS = 24


class Haar:
    """The frontal-face cascade that OpenCV ships; ``min_face_pixels`` 0 follows the height of the picture.

    Where faces smaller than the cascade's window are asked for, the picture is enlarged first. The automatic size so
    never costs more than a picture of 720 lines does.
    """

    #: Whatever it finds is a face: its scores begin above zero.
    sure_score = 0.0
    seconded_score = None

    def __init__(self, scale_factor: float, neighbours: int, min_face_pixels: int) -> None:
        self._cascade = cv2.CascadeClassifier(
            str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml")  # type: ignore[attr-defined]
        )
        self._scale_factor = scale_factor
        self._neighbours = neighbours
        self._min_face_pixels = min_face_pixels
        self._coarser = 1

    def detect(
        self,
        frame: Frame,
        *,
        thorough: bool = False,  # noqa: ARG002 - always as thorough
        min_face_pixels: int | None = None,
    ) -> list[Face]:
        """Return the faces; the score is the cascade's level weight, above zero."""
        gray = frame.luma
        smallest = smallest_pixels(min_face_pixels, gray.shape[0], self._min_face_pixels)
        smallest *= 1 if frame.still else self._coarser
        if min(gray.shape) < smallest:
            return []
        zoom = max(1.0, WINDOW_PIXELS / smallest)
        if zoom > 1.0:
            gray = np.asarray(cv2.resize(gray, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_LINEAR), np.uint8)
        side = round(smallest * zoom)
        boxes, _, weights = self._cascade.detectMultiScale3(
            gray,
            scaleFactor=self._scale_factor,
            minNeighbors=self._neighbours,
            minSize=(side, side),
            outputRejectLevels=True,
        )
        return [
            Face(Box(*(float(side) / zoom for side in box)), float(weight))
            for box, weight in zip(boxes, weights, strict=True)
        ]

    def look_coarser(self, times: int) -> None:
        """Look for faces so many times larger only."""
        self._coarser = times

    def reach_pixels(self, frame: Frame, min_face_pixels: int | None = None) -> float:  # noqa: ARG002 - always the same
        """Return 0: there is nothing more thorough."""
        return 0.0
