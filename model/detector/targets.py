"""Which cell of which map answers for which face.

The cell in row i, column j of the map of stride s stands for a box with its centre at ((j + 0.5 + dx) s,
(i + 0.5 + dy) s), width s exp(log width) and height s exp(log height), in pixels of the input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.detector.network import STRIDES

#: A cell's part in training. A cell ``BESIDE`` a face's own cells may find it too: nothing is asked of its score, but if
#: it answers, its box must be right.
BACKGROUND, FACE, IGNORED, BESIDE = 0, 1, 2, 3
NOBODY = -1


@dataclass(frozen=True)
class Assignment:
    """Which sizes (geometric mean of the sides, pixels) each map answers for; the ranges overlap."""

    sizes: tuple[tuple[float, float], ...] = ((0.0, 32.0), (22.0, 72.0), (50.0, 1e9))
    #: Cells this far from the centre, in strides, still answer for a face that is large enough.
    radius: float = 0.8
    #: Around them, cells within this share of the face's size are beside it; so are all cells on a face of almost the
    #: size, up to this many times what the map answers for.
    ring: float = 0.35
    tolerance: float = 1.35


def targets_of(
    faces: NDArray[np.float32], doubtful: NDArray[np.float32], pixels: int, rules: Assignment
) -> list[tuple[NDArray[np.uint8], NDArray[np.int16]]]:
    """For each map: the part of each cell, u8 (h, w), and whose box it must give, i16 (h, w): a row of ``faces``.

    ``faces`` and ``doubtful`` are f32 (n, 4): centre x, centre y, width, height in pixels of a square input.
    """
    result = []
    order = np.argsort(-faces[:, 2] * faces[:, 3])
    for stride, (low, high) in zip(STRIDES, rules.sizes, strict=True):
        cells = pixels // stride
        part = np.zeros((cells, cells), np.uint8)
        owner = np.full((cells, cells), NOBODY, np.int16)
        middle = (np.arange(cells, dtype=np.float32) + 0.5) * stride
        for x, y, width, height in doubtful:
            part[np.ix_(np.abs(middle - y) < height / 2, np.abs(middle - x) < width / 2)] = IGNORED
        size = np.sqrt(faces[:, 2] * faces[:, 3])
        for index in order:
            if low / rules.tolerance <= size[index] < high * rules.tolerance:
                reach = rules.ring * size[index]
                x, y = faces[index, :2]
                where = np.ix_(np.abs(middle - y) < reach, np.abs(middle - x) < reach)
                part[where], owner[where] = BESIDE, index
        # The small ones last: where two faces want one cell, the nearer one hides the other only in part.
        for index in order:
            if low <= size[index] < high:
                x, y = faces[index, :2]
                reach = min(rules.radius * stride, max(0.5 * stride, rules.ring * size[index]))
                where = np.ix_(np.abs(middle - y) <= reach, np.abs(middle - x) <= reach)
                part[where], owner[where] = FACE, index
        result.append((part, owner))
    return result
