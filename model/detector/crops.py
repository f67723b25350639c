"""Crops of pictures as a device's camera would have taken them: nearer, farther, tilted, dark, blurred, compressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.detector.truth import Picture


@dataclass(frozen=True)
class Strength:
    """How far each disturbance goes; shares are probabilities per crop."""

    pixels: int = 320
    #: Share of the crops that four pictures make together.
    mosaic_share: float = 0.5
    #: One crop in this many keeps about the picture's own scale; the others bring one face to a chosen size.
    own_scale_share: float = 0.4
    own_scale_log: float = 0.35
    face_pixels: tuple[float, float] = (7.0, 260.0)
    zoom: tuple[float, float] = (0.25, 3.0)
    rotation_degrees: float = 8.0
    strong_rotation_share: float = 0.08
    strong_rotation_degrees: float = 30.0
    gamma_log: float = 0.3
    contrast: float = 0.25
    brightness: float = 22.0
    dark_share: float = 0.08
    low_resolution_share: float = 0.12
    blur_share: float = 0.12
    noise_share: float = 0.15
    jpeg_share: float = 0.15
    #: Share of the crops into which loose crops of faces, and as many patches of background, are set.
    loose_share: float = 0.35
    #: Share of the crops with writing on them: crowds show little of it, and round letters look like faces.
    letters_share: float = 0.15
    letters_pixels: tuple[float, float] = (7.0, 70.0)
    loose_pixels: tuple[float, float] = (20.0, 220.0)
    #: Share of those that show a bare wall and nothing else.
    wall_share: float = 0.35


_LETTERS = list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789oeaOQG@8&")
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)


@dataclass(frozen=True)
class Crop:
    """``pixels`` u8 (s, s); ``faces`` and ``doubtful`` f32 (n, 4): centre x, centre y, width, height."""

    pixels: NDArray[np.uint8]
    faces: NDArray[np.float32]
    doubtful: NDArray[np.float32]


def crop_of(pictures: Sequence[Picture], strength: Strength, rng: np.random.Generator) -> Crop:
    """Cut one crop from one picture, or set it together from four: so that small faces do not come with empty space."""
    if len(pictures) == 1:
        return _cut(pictures[0], strength.pixels, strength, rng)
    half = strength.pixels // 2
    parts = [_cut(picture, half, strength, rng) for picture in pictures]
    moves = np.array([[0, 0, 0, 0], [half, 0, 0, 0], [0, half, 0, 0], [half, half, 0, 0]], np.float32)
    pixels = [part.pixels for part in parts]
    return Crop(
        np.vstack([np.hstack(pixels[:2]), np.hstack(pixels[2:])]),
        np.concatenate([part.faces + move for part, move in zip(parts, moves, strict=True)]),
        np.concatenate([part.doubtful + move for part, move in zip(parts, moves, strict=True)]),
    )


def meets_any(boxes: NDArray[np.float32], centre: NDArray[np.float64], size: NDArray[np.float64] | float) -> bool:
    """Say whether a box about ``centre`` meets one of ``boxes``, f32 (n, 4): centre x, centre y, width, height."""
    return bool((np.abs(boxes[:, :2] - centre) < (boxes[:, 2:] + size) / 2).all(axis=1).any())


def lettered(crop: Crop, strength: Strength, rng: np.random.Generator) -> Crop:
    """Write a few words on a crop, where no face is."""
    pixels = crop.pixels.copy()
    boxes = np.concatenate([crop.faces, crop.doubtful])
    for _ in range(rng.integers(1, 7)):
        word = "".join(rng.choice(_LETTERS, rng.integers(1, 9)))
        height = float(np.exp(rng.uniform(*np.log(strength.letters_pixels))))
        font, thickness = int(rng.choice(_FONTS)), max(1, round(height * rng.uniform(0.06, 0.3)))
        scale = cv2.getFontScaleFromHeight(font, max(round(height), 5), thickness)
        (width, above), below = cv2.getTextSize(word, font, scale, thickness)
        low = np.array([rng.uniform(-0.2, 0.9) * strength.pixels, rng.uniform(0.0, 0.95) * strength.pixels])
        size = np.array([width, above + below], np.float64)
        if meets_any(boxes, low + size / 2, size):
            continue
        ink, paper = rng.integers(0, 256, 2).tolist()
        corner = (int(low[0]), int(low[1]))
        if rng.random() < 0.5:
            cv2.rectangle(pixels, corner, (corner[0] + width, corner[1] + above + below), paper, cv2.FILLED)
        cv2.putText(pixels, word, (corner[0], corner[1] + above), font, scale, ink, thickness, cv2.LINE_AA)
    return Crop(pixels, crop.faces, crop.doubtful)


def _cut(picture: Picture, side: int, strength: Strength, rng: np.random.Generator) -> Crop:
    zoom, centre = _aim(picture, side, strength, rng)
    if rng.random() < strength.strong_rotation_share:
        degrees = rng.uniform(-1, 1) * strength.strong_rotation_degrees
    else:
        degrees = np.clip(rng.standard_normal(), -2.5, 2.5) * strength.rotation_degrees
    angle = np.radians(degrees)
    linear = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # Anywhere in the crop, at its border too, as far as the picture reaches over all of it.
    size = np.array(picture.gray.shape[::-1])
    bounds = np.sort(np.stack([side - (size - centre) * zoom, centre * zoom]), axis=0)
    target = rng.uniform(np.clip(bounds[0], 0, side), np.clip(bounds[1], 0, side))
    matrix = np.column_stack([linear, target - linear @ centre])
    pixels = _warped(picture.gray, matrix, zoom, side)
    pixels = _degraded(_lit(pixels, strength, rng), strength, rng)
    faces, doubtful = _moved(picture.faces, matrix, zoom), _moved(picture.doubtful, matrix, zoom)
    inside = ((faces[:, :2] > 0) & (faces[:, :2] < side)).all(axis=1)
    # Of a face whose middle is outside nobody need know; nor need it be background.
    faces, doubtful = faces[inside], _clipped(np.concatenate([doubtful, faces[~inside]]), side)
    if rng.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        faces[:, 0], doubtful[:, 0] = side - faces[:, 0], side - doubtful[:, 0]
    return Crop(pixels, faces, doubtful)


def _aim(
    picture: Picture, side: int, strength: Strength, rng: np.random.Generator
) -> tuple[float, NDArray[np.float64]]:
    height, width = picture.gray.shape
    # Never so far away that most of the crop is empty.
    farthest = 0.8 * side / max(height, width)
    if not len(picture.faces):
        return max(float(np.exp(rng.uniform(-0.7, 0.7))), farthest), rng.uniform((0, 0), (width, height))
    face = picture.faces[rng.integers(len(picture.faces))].astype(np.float64)
    size = float(np.sqrt((face[2:] - face[:2]).prod()))
    if rng.random() < strength.own_scale_share:
        zoom = np.exp(rng.normal(0.0, strength.own_scale_log))
    else:
        low, high = np.log(strength.face_pixels)
        # Small faces are the many and the hard ones: two of three draws come from the lower half.
        wanted = rng.uniform(low, high) if rng.random() < 0.35 else rng.uniform(low, (low + high) / 2)
        zoom = np.exp(wanted) / size
    centre = (face[:2] + face[2:]) / 2 if rng.random() < 0.8 else rng.uniform((0, 0), (width, height))
    return float(np.clip(zoom, max(strength.zoom[0], farthest), strength.zoom[1])), centre


def _warped(gray: NDArray[np.uint8], matrix: NDArray[np.float64], zoom: float, side: int) -> NDArray[np.uint8]:
    if zoom < 0.6:
        # Averaged first: a plain warp would skip pixels.
        shrink = max(zoom * 1.2, 0.2)
        before = np.array(gray.shape[::-1])
        gray = np.asarray(cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.column_stack([matrix[:, :2] * (before / gray.shape[::-1]), matrix[:, 2]])
    # Boxes count from a pixel's corner, OpenCV from its middle.
    matrix = np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2].sum(axis=1) / 2 - 0.5])
    return np.asarray(
        cv2.warpAffine(gray, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.uint8
    )


def _moved(boxes: NDArray[np.float32], matrix: NDArray[np.float64], zoom: float) -> NDArray[np.float32]:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    return np.column_stack([centre, (boxes[:, 2:] - boxes[:, :2]) * zoom]).astype(np.float32)


def _clipped(boxes: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    low = np.clip(boxes[:, :2] - boxes[:, 2:] / 2, 0, side)
    high = np.clip(boxes[:, :2] + boxes[:, 2:] / 2, 0, side)
    kept = (high > low).all(axis=1)
    return np.column_stack([(low + high) / 2, high - low])[kept].astype(np.float32)


def _lit(pixels: NDArray[np.uint8], strength: Strength, rng: np.random.Generator) -> NDArray[np.uint8]:
    gamma = np.exp(rng.normal(0.0, strength.gamma_log))
    contrast, offset = np.exp(rng.normal(0.0, strength.contrast)), rng.normal(0.0, strength.brightness)
    if rng.random() < strength.dark_share:
        contrast, offset = contrast * rng.uniform(0.25, 0.6), rng.uniform(-80, -40)
    ramp = 255.0 * (np.arange(256) / 255.0) ** gamma
    table = np.clip((ramp - 128.0) * contrast + 128.0 + offset, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def _degraded(pixels: NDArray[np.uint8], strength: Strength, rng: np.random.Generator) -> NDArray[np.uint8]:
    side = len(pixels)
    if rng.random() < strength.low_resolution_share:
        few = int(side / rng.uniform(1.2, 2.2))
        small = cv2.resize(pixels, (few, few), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < strength.blur_share:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    if rng.random() < strength.noise_share:
        noise = np.empty(pixels.shape, np.int16)
        cv2.randn(noise, 0, rng.uniform(2.0, 12.0))
        pixels = np.asarray(cv2.add(pixels, noise, dtype=cv2.CV_8U), np.uint8)
    if rng.random() < strength.jpeg_share:
        _, code = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))))
        pixels = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)
    return pixels
