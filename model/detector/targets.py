"""Which cell of which map answers for which face.

The cell in row i, column j of the map of stride s stands for a box with its centre at ((j + 0.5 + dx) s,
(i + 0.5 + dy) s), width s exp(log width) and height s exp(log height), in pixels of the input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.detector.network import STRIDES

#: A cell's part in training.
BACKGROUND, FACE, IGNORED = 0, 1, 2


@dataclass(frozen=True)
class Assignment:
    """Which sizes (geometric mean of the sides, pixels) each map answers for; the ranges overlap."""

    sizes: tuple[tuple[float, float], ...] = ((0.0, 32.0), (22.0, 72.0), (50.0, 1e9))
    #: Cells this far from the centre, in strides, still answer for a face that is large enough.
    radius: float = 0.8
    #: Around them, this share of the face's size is neither face nor background; so is a face of almost the size.
    ring: float = 0.35
    tolerance: float = 1.35


def targets_of(
    faces: NDArray[np.float32], doubtful: NDArray[np.float32], pixels: int, rules: Assignment
) -> list[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
    """For each map: the part of each cell, u8 (h, w), and the box that a face's cell must give, f32 (4, h, w)."""
    result = []
    order = np.argsort(-faces[:, 2] * faces[:, 3])
    for stride, (low, high) in zip(STRIDES, rules.sizes, strict=True):
        cells = pixels // stride
        part = np.zeros((cells, cells), np.uint8)
        box = np.zeros((4, cells, cells), np.float32)
        middle = (np.arange(cells, dtype=np.float32) + 0.5) * stride
        for x, y, width, height in doubtful:
            part[np.ix_(np.abs(middle - y) < height / 2, np.abs(middle - x) < width / 2)] = IGNORED
        size = np.sqrt(faces[:, 2] * faces[:, 3])
        for index in order:
            if low / rules.tolerance <= size[index] < high * rules.tolerance:
                reach = rules.ring * size[index]
                x, y = faces[index, :2]
                part[np.ix_(np.abs(middle - y) < reach, np.abs(middle - x) < reach)] = IGNORED
        # The small ones last: where two faces want one cell, the nearer one hides the other only in part.
        for index in order:
            if low <= size[index] < high:
                x, y = faces[index, :2]
                reach = min(rules.radius * stride, max(0.5 * stride, rules.ring * size[index]))
                rows = np.flatnonzero(np.abs(middle - y) <= reach)
                columns = np.flatnonzero(np.abs(middle - x) <= reach)
                where = np.ix_(rows, columns)
                part[where] = FACE
                box[(slice(None), *where)] = faces[index][:, None, None]
        result.append((part, box))
    return result
