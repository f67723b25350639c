"""Faces as a device meets them: boxes that sit loosely, little light, few pixels, noise, JPEG, a hand before the mouth.

Every function works on one u8 picture; ``augmented`` makes a whole batch, and is the only thing that others call.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.dataset import FACE_PIXELS

#: A canvas shows the face's box in its middle 48 pixels and 8 pixels of what lies around it on each side.
CANVAS_PIXELS = 64
BORDER_PIXELS = (CANVAS_PIXELS - FACE_PIXELS) // 2
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Strength:
    """How far each disturbance goes; shares are probabilities per picture."""

    shift_fraction: float = 0.045
    scale_log: float = 0.10
    rotation_degrees: float = 8.0
    shear: float = 0.05
    gamma_log: float = 0.30
    contrast: float = 0.25
    brightness: float = 22.0
    low_resolution_share: float = 0.30
    low_resolution_pixels: tuple[int, int] = (14, 40)
    blur_share: float = 0.15
    noise_share: float = 0.20
    noise_sigma: float = 9.0
    jpeg_share: float = 0.15
    occlusion_share: float = 0.25
    shadow_share: float = 0.15


def canvases(faces: Picture) -> Picture:
    """Pad u8 (n, 48, 48) crops, around which nothing is known, to u8 (n, 64, 64)."""
    return np.pad(faces, ((0, 0), *[(BORDER_PIXELS, BORDER_PIXELS)] * 2), mode="edge")


def boxes_of(canvas: Picture) -> Picture:
    """Cut the boxes out of u8 (n, 64, 64) canvases: u8 (n, 48, 48)."""
    middle = slice(BORDER_PIXELS, -BORDER_PIXELS)
    return np.ascontiguousarray(canvas[:, middle, middle])


def augmented(canvas: Picture, pixels: int, strength: Strength, rng: np.random.Generator) -> NDArray[np.float32]:
    """Turn u8 (n, 64, 64) canvases into f32 (n, 1, pixels, pixels) in [0, 1], each disturbed in its own way."""
    batch = np.empty((len(canvas), 1, pixels, pixels), np.float32)
    for index, picture in enumerate(canvas):
        face = _warped(picture, pixels, strength, rng)
        face = _lit(face, strength, rng)
        face = _degraded(face, strength, rng)
        if rng.random() < strength.occlusion_share:
            _occlude(face, rng)
        batch[index, 0] = face
    batch /= 255.0
    return batch


def _warped(canvas: Picture, pixels: int, strength: Strength, rng: np.random.Generator) -> Picture:
    shift_x, shift_y, scale, turn, shear = np.clip(rng.standard_normal(5), -2.5, 2.5)
    zoom = np.exp(scale * strength.scale_log) * pixels / FACE_PIXELS
    angle = np.radians(turn * strength.rotation_degrees)
    linear = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = linear @ np.array([[1.0, shear * strength.shear], [0.0, 1.0]])
    if rng.random() < 0.5:
        linear[:, 0] = -linear[:, 0]
    middle = np.full(2, (CANVAS_PIXELS - 1) / 2)
    moved = (pixels - 1) / 2 + np.array([shift_x, shift_y]) * strength.shift_fraction * pixels
    matrix = np.column_stack([linear, moved - linear @ middle])
    return cv2.warpAffine(
        canvas, matrix, (pixels, pixels), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)


def _lit(face: Picture, strength: Strength, rng: np.random.Generator) -> Picture:
    gamma = np.exp(rng.normal(0.0, strength.gamma_log))
    contrast = np.exp(rng.normal(0.0, strength.contrast))
    offset = rng.normal(0.0, strength.brightness)
    ramp = 255.0 * (np.arange(256) / 255.0) ** gamma
    table = np.clip((ramp - 128.0) * contrast + 128.0 + offset, 0, 255).astype(np.uint8)
    lit = cv2.LUT(face, table)
    if rng.random() < strength.shadow_share:
        side = len(face)
        slope = np.linspace(rng.uniform(0.35, 1.0), 1.0, side, dtype=np.float32)
        slope = slope[:: rng.choice((-1, 1))]
        shade = slope[:, None] if rng.random() < 0.4 else slope[None, :]
        lit = (lit * shade).astype(np.uint8)
    return lit.astype(np.uint8, copy=False)


def _degraded(face: Picture, strength: Strength, rng: np.random.Generator) -> Picture:
    side = len(face)
    if rng.random() < strength.low_resolution_share:
        # The kernel enlarges small faces bilinearly: so does this.
        low, high = strength.low_resolution_pixels
        few = min(int(rng.integers(low, high)), side)
        small = cv2.resize(face, (few, few), interpolation=cv2.INTER_AREA)
        face = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    if rng.random() < strength.blur_share:
        face = cv2.GaussianBlur(face, (0, 0), rng.uniform(0.4, 1.3) * side / FACE_PIXELS)
    if rng.random() < strength.noise_share:
        noise = rng.standard_normal(face.shape, dtype=np.float32) * rng.uniform(1.0, strength.noise_sigma)
        face = np.clip(face + noise, 0, 255).astype(np.uint8)
    if rng.random() < strength.jpeg_share:
        _, code = cv2.imencode(".jpg", face, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))))
        face = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    return face.astype(np.uint8, copy=False)


def _occlude(face: Picture, rng: np.random.Generator) -> None:
    side = len(face)
    height, width = (rng.uniform(0.12, 0.42, 2) * side).astype(int)
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    patch = face[top : top + height, left : left + width]
    if rng.random() < 0.5:
        patch[:] = rng.integers(0, 256)
    else:
        patch[:] = rng.integers(0, 256, patch.shape)
