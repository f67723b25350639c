"""The compiled kernels, on inputs whose outputs can be worked out by hand."""

from __future__ import annotations

from typing import Final

import numpy as np

from emotiond.doctor.finding import Finding, failure, ok
from emotiond.doctor.patient import Patient
from emotiond.native.assign import assign
from emotiond.native.decode import decode_boxes
from emotiond.native.preprocess import crop_faces
from emotiond.native.shrink import shrink_luma

TOLERANCE: Final = 1e-3
REMEDY: Final = "install it anew: sudo ./deploy/install.sh"


def examine(_patient: Patient) -> list[Finding]:
    """Let each kernel do what was worked out."""
    wrong = [name for name, works in KERNELS.items() if not works()]
    if wrong:
        return [failure("kernels", f"{', '.join(wrong)}: gives another result than it must", REMEDY)]
    return [ok("kernels", f"{', '.join(KERNELS)} give what they must")]


def _crops() -> bool:
    """Halve a slope: each output pixel is the mean of four, and a color picture grayed by ITU-R BT.601 shows the same."""
    y, x = np.mgrid[0:40, 0:60]
    slope = (2 * x + y).astype(np.uint8)
    expected = (2.0 * (10.5 + 2 * np.arange(8)[None, :]) + 5.5 + 2 * np.arange(8)[:, None]) / 255.0 - 0.5
    good = []
    for frame in (slope[:, :, None], np.repeat(slope[:, :, None], 3, axis=2)):
        out = np.full((2, 8, 8, 1), np.nan, np.float32)
        boxes = np.array([(10, 5, 16, 16), (10, 5, 16, 16)], np.float32)
        crop_faces(np.ascontiguousarray(frame), boxes, out, 1.0 / 255.0, -0.5)
        good.append(bool(np.abs(out[:, :, :, 0] - expected).max() < TOLERANCE))
    return all(good)


def _assigns() -> bool:
    """Pair three with three, where the nearest for each would leave one alone, and a fourth that nobody wants."""
    cost = np.array([[1.0, 2.0, 9.0], [1.5, 9.0, 9.0], [9.0, 9.0, 3.0], [9.0, 9.0, 9.0]])
    chosen = np.full(4, -7, np.int64)
    assign(cost, chosen, 8.0)
    return chosen.tolist() == [1, 0, 2, -1]


def _shrinks() -> bool:
    """Shrink the slope to a half, gray and as the brightness of YUYV; what lies beside it becomes zero."""
    y, x = np.mgrid[0:16, 0:24]
    slope = (2 * x + y).astype(np.uint8)
    expected = np.zeros((10, 14), np.float32)
    expected[:8, :12] = (2.0 * (0.5 + 2 * np.arange(12)[None, :]) + 0.5 + 2 * np.arange(8)[:, None]) / 255.0
    good = []
    for pixels in (slope[:, :, None], np.dstack((slope, np.full_like(slope, 128)))):
        out = np.full((10, 14), np.nan, np.float32)
        sides = shrink_luma(np.ascontiguousarray(pixels), out, 2.0)
        good.append(sides == (12, 8) and bool(np.abs(out - expected).max() < TOLERANCE))
    return all(good)


def _decodes() -> bool:
    """Find two boxes in three maps, the better one first, and drop a third that covers the first."""
    fine, middle, coarse = (np.zeros((side, side, 5), np.float32) for side in (8, 4, 2))
    for cells in (fine, middle, coarse):
        cells[:, :, 0] = -9.0
    middle[1, 1, 0], fine[6, 2, 0] = 2.0, 1.0
    # A little beside the first, and less sure.
    middle[1, 2, :2] = 1.5, -0.9
    out = np.full((8, 5), np.nan, np.float32)
    count = decode_boxes(fine, middle, coarse, (8, 16, 32), out, 0.5, 0.4)
    # 1 / (1 + e^-2) and 1 / (1 + e^-1).
    expected = np.array([(16, 16, 16, 16, 0.880797), (16, 48, 8, 8, 0.731059)], np.float32)
    return count == 2 and bool(np.abs(out[:2] - expected).max() < TOLERANCE)


KERNELS: Final = {"preprocess": _crops, "assign": _assigns, "shrink": _shrinks, "decode": _decodes}
