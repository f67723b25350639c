"""Loose crops of faces, set into crops of pictures: they show how large faces look, and that a face needs no head."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.detector.crops import Crop, Strength, meets_any

#: Sides of the tight box of a face, and of the square in which FER2013 frames it, as parts of that square.
TIGHT_IN_SQUARE: Final = (0.79, 1.01)
#: The strip around a patch in which it fades into what lies there, at most, in sides.
_WIDEST_FADE: Final = 0.3
_TRIES: Final = 8


def with_loose(crop: Crop, loose: NDArray[np.uint8], strength: Strength, rng: np.random.Generator) -> Crop:
    """Set loose crops of faces, u8 (n, 48, 48), into a crop, where no other face is; and patches of itself likewise.

    The patches keep the edges of a crop from meaning a face.
    """
    side = strength.pixels
    pixels, faces = crop.pixels.copy(), crop.faces
    taken = np.concatenate([crop.faces, crop.doubtful])
    for number in range(rng.integers(1, _TRIES)):
        size = int(np.exp(rng.uniform(*np.log(strength.loose_pixels))))
        fade = int(rng.uniform(0.02, _WIDEST_FADE) * size) if rng.random() < 0.4 else 0
        corner = rng.integers(0, side - size, 2)
        centre = corner + size / 2
        if meets_any(taken, centre, size + 2.0 * fade):
            continue
        if number % 2:
            few = rng.integers(0, side - 48, 2)
            patch = pixels[few[1] : few[1] + 48, few[0] : few[0] + 48]
            if meets_any(faces, few + 24.0, 48.0):
                continue
        else:
            patch = loose[rng.integers(len(loose))]
            patch = patch[:, ::-1] if rng.random() < 0.5 else patch
        _set(pixels, np.ascontiguousarray(patch), corner, (size, fade), rng)
        box = np.array([[*centre, TIGHT_IN_SQUARE[0] * size, TIGHT_IN_SQUARE[1] * size]], np.float32)
        taken = np.concatenate([taken, box])
        if not number % 2:
            faces = np.concatenate([faces, box])
    return Crop(pixels, faces, crop.doubtful)


def wall(strength: Strength, rng: np.random.Generator) -> Crop:
    """Show a bare wall, lit from one side: where loose crops have nothing to hide among."""
    slope = rng.uniform(-60.0, 60.0, 2)[:, None] * np.linspace(-0.5, 0.5, strength.pixels)
    shade = rng.uniform(20.0, 235.0) + slope[0][:, None] + slope[1][None, :]
    shade += rng.standard_normal(shade.shape, np.float32) * rng.uniform(0.0, 6.0)
    nobody = np.zeros((0, 4), np.float32)
    return Crop(np.clip(shade, 0, 255).astype(np.uint8), nobody, nobody)


def _set(
    pixels: NDArray[np.uint8],
    patch: NDArray[np.uint8],
    corner: NDArray[np.int64],
    size_and_fade: tuple[int, int],
    rng: np.random.Generator,
) -> None:
    """Set a patch in: faded out around it, or as an oval, or cut out sharply."""
    size, fade = size_and_fade
    way = cv2.INTER_AREA if size < len(patch) else cv2.INTER_LINEAR
    patch = np.asarray(cv2.resize(patch, (size, size), interpolation=way), np.uint8)
    if fade:
        ramp = np.minimum(np.arange(1, size + 2 * fade + 1), np.arange(size + 2 * fade, 0, -1)) / (fade + 1.0)
        alpha = np.clip(np.minimum(ramp[:, None], ramp[None, :]), 0.0, 1.0).astype(np.float32)
        patch = np.pad(patch, fade, mode="edge" if rng.random() < 0.7 else "reflect")
    elif rng.random() < 0.3:
        span = np.linspace(-1.0, 1.0, size, dtype=np.float32)
        away = np.hypot(span[:, None] / rng.uniform(0.95, 1.3), span[None, :] / rng.uniform(0.85, 1.2))
        alpha = np.clip((1.0 - away) / rng.uniform(0.02, 0.3) + 0.5, 0.0, 1.0).astype(np.float32)
    else:
        alpha = np.ones((size, size), np.float32)
    low, high = np.maximum(corner - fade, 0), np.minimum(corner + size + fade, len(pixels))
    (left, top), (right, bottom) = low - corner + fade, high - corner + fade
    under = pixels[low[1] : high[1], low[0] : high[0]]
    part = alpha[top:bottom, left:right]
    under[:] = (under + part * (patch[top:bottom, left:right].astype(np.float32) - under)).astype(np.uint8)
