"""The kernel that cuts faces out, against loops in Python, against OpenCV, and against a bare copy of the same bytes."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.native.preprocess import crop_faces

#: Faces as cameras mostly show them; sides at which OpenCV has a fast path, and at which it has none.
SMALL: Final = (40, 48, 56, 64)
WHOLE: Final = (96, 144, 192, 240, 288)
ODD: Final = (100, 131, 175, 210, 267, 300)
SIDES: Final = (24, 32, *SMALL, *WHOLE, *ODD)
FACES: Final = 20
INPUT: Final = 48
#: How long one measurement of one method takes at least, but for the loops in Python, which run once.
LEAST_SECONDS: Final = 0.002

Boxes = list[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Cut:
    """Microseconds per face of ``side`` pixels, medians; and the ratios to ours, medians of the rounds."""

    side: int
    kernel: float
    area: float
    linear: float
    loops: float
    area_ratio: float
    linear_ratio: float
    loops_ratio: float
    #: Bytes that must be read, over time, against a copy of the same bytes.
    bandwidth_share: float


def cuts(rounds: int, told: Callable[[str], None]) -> list[Cut]:
    """Measure every side, all methods in turn, each with one thread, by the processor's time of that thread."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return _cuts(rounds, told)
    finally:
        cv2.setNumThreads(threads)


def _cuts(rounds: int, told: Callable[[str], None]) -> list[Cut]:
    rng = np.random.default_rng(1)
    frame = np.asarray(cv2.GaussianBlur(rng.integers(0, 256, (720, 1280, 3), np.uint8), (0, 0), 2.0), np.uint8)
    results = []
    for side in SIDES:
        told(f"cutting out faces of {side} pixels")
        places = zip(rng.integers(0, 1280 - side, FACES), rng.integers(0, 720 - side, FACES), strict=True)
        results.append(_cut(frame, side, [(int(x), int(y), side, side) for x, y in places], rounds))
    return results


def with_opencv(frame: NDArray[np.uint8], boxes: Boxes, interpolation: int) -> NDArray[np.float32]:
    """Cut, gray, resize, divide, stack: f32 (n, 48, 48, 1)."""
    faces = []
    for x, y, width, height in boxes:
        gray = cv2.cvtColor(frame[y : y + height, x : x + width], cv2.COLOR_BGR2GRAY)
        faces.append(cv2.resize(gray, (INPUT, INPUT), interpolation=interpolation).astype(np.float32) / 255.0)
    return np.stack(faces)[..., None]


def with_loops(frame: NDArray[np.uint8], box: tuple[int, int, int, int]) -> list[list[float]]:
    """Take the mean over areas of one face with nothing but Python: 48 rows of 48 numbers."""
    x0, y0, side, _ = box
    rows = frame[y0 : y0 + side, x0 : x0 + side].tolist()
    gray = [[(3735 * b + 19235 * g + 9798 * r) / 32768.0 for b, g, r in row] for row in rows]
    ratio = side / INPUT
    spans = [_span(index * ratio, (index + 1) * ratio, side) for index in range(INPUT)]
    return [
        [
            sum(down * across * gray[y][x] for y, down in rows_of for x, across in columns_of) / (255.0 * ratio * ratio)
            for columns_of in spans
        ]
        for rows_of in spans
    ]


def _span(left: float, right: float, side: int) -> list[tuple[int, float]]:
    return [
        (pixel, min(right, pixel + 1.0) - max(left, float(pixel)))
        for pixel in range(int(left), min(math.ceil(right), side))
    ]


def _cut(frame: NDArray[np.uint8], side: int, boxes: Boxes, rounds: int) -> Cut:
    table = np.array(boxes, np.float32)
    out = np.empty((FACES, INPUT, INPUT, 1), np.float32)
    room = np.empty((FACES, side, side, 3), np.uint8)
    views = [frame[y : y + side, x : x + side] for x, y, _, _ in boxes]

    def copy() -> None:
        for target, view in zip(room, views, strict=True):
            np.copyto(target, view)

    methods: tuple[Callable[[], object], ...] = (
        lambda: crop_faces(frame, table, out, 1.0 / 255.0, 0.0),
        lambda: with_opencv(frame, boxes, cv2.INTER_AREA),
        lambda: with_opencv(frame, boxes, cv2.INTER_LINEAR),
        copy,
    )
    times = np.array([[_microseconds(method) / FACES for method in methods] for _ in range(rounds)])
    loops = statistics.median(_once(lambda: with_loops(frame, boxes[0])) for _ in range(3))
    kernel, area, linear, copied = times.T
    return Cut(
        side,
        float(np.median(kernel)),
        float(np.median(area)),
        float(np.median(linear)),
        loops,
        float(np.median(area / kernel)),
        float(np.median(linear / kernel)),
        loops / float(np.median(kernel)),
        float(np.median(copied / kernel)),
    )


def _microseconds(method: Callable[[], object]) -> float:
    runs, began = 0, time.thread_time()
    while time.thread_time() - began < LEAST_SECONDS or runs < 2:
        method()
        runs += 1
    return 1e6 * (time.thread_time() - began) / runs


def _once(method: Callable[[], object]) -> float:
    began = time.thread_time()
    method()
    return 1e6 * (time.thread_time() - began)
