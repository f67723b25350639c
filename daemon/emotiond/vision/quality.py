"""How well a face can be seen: its size, how much of it is in the picture, its sharpness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Box

Floats = NDArray[np.float64]

#: A crop's coarse differences are taken over this share of its width.
COARSE_SHARE: Final = 0.125


@dataclass(frozen=True)
class Eyesight:
    """Below which size, share and sharpness a face is not read, and from where on more brings nothing."""

    min_face_pixels: float
    full_face_pixels: float
    min_visible_share: float
    min_sharpness: float
    full_sharpness: float

    def of_boxes(self, boxes: Sequence[Box], size_pixels: tuple[int, int]) -> Floats:
        """Return the quality f64 (n,), 0..1, that ``boxes`` in a frame of (width, height) pixels promise."""
        table = np.array(boxes, np.float64).reshape(-1, 4)
        low = np.maximum(table[:, :2], 0.0)
        high = np.minimum(table[:, :2] + table[:, 2:], size_pixels)
        inside = np.maximum(high - low, 0.0).prod(axis=1)
        areas = table[:, 2:].prod(axis=1)
        visible = inside / np.maximum(areas, 1e-9)
        side = np.sqrt(np.maximum(areas, 0.0))
        size = np.minimum(side / self.full_face_pixels, 1.0)
        readable = (side >= self.min_face_pixels) & (visible >= self.min_visible_share) & (inside >= 1.0)
        return np.where(readable, size * visible, 0.0)

    def of_crops(self, sharpness: Floats) -> Floats:
        """Return the quality f64 (n,), 0..1, that the sharpness of crops allows."""
        span = max(self.full_sharpness - self.min_sharpness, 1e-9)
        # What can just be read is worth a little, not nothing: nothing means that it was not read.
        worth = 0.1 + 0.9 * np.clip((sharpness - self.min_sharpness) / span, 0.0, 1.0)
        worth = np.where(sharpness >= self.full_sharpness, 1.0, worth)
        return np.asarray(np.where(sharpness >= self.min_sharpness, worth, 0.0), np.float64)


#: Reads whatever is there, and takes every face as well seen: for measuring the network alone.
EVERYTHING: Final = Eyesight(0.0, 1e-9, 0.0, 0.0, 0.0)


def sharpness(crops: NDArray[np.float32]) -> Floats:
    """Return for each of f32 (n, height, width, channels) how much of its contrast is fine detail: f64 (n,).

    0 is a smooth slope without any edge, 1 is noise; an even surface has none. The measure knows neither the
    brightness nor the contrast of a face. Every second row is enough.
    """
    rows = crops[:, ::2, :, 0]
    span = max(2, round(crops.shape[2] * COARSE_SHARE))
    fine = np.abs(rows[:, :, 1:] - rows[:, :, :-1]).mean(axis=(1, 2), dtype=np.float64)
    coarse = np.abs(rows[:, :, span:] - rows[:, :, :-span]).mean(axis=(1, 2), dtype=np.float64)
    ratio = np.divide(fine, coarse, out=np.zeros_like(fine), where=coarse > 1e-6)
    detail: Floats = np.maximum(ratio * span - 1.0, 0.0) / (span - 1.0)
    return detail
