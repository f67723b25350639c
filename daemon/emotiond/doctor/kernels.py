"""The compiled kernels, on inputs whose outputs can be worked out by hand."""

from __future__ import annotations

from typing import Final

import numpy as np

from emotiond.doctor.finding import Finding, failure, ok
from emotiond.doctor.patient import Patient
from emotiond.native.assign import assign
from emotiond.native.preprocess import crop_faces

TOLERANCE: Final = 1e-3
REMEDY: Final = "install it anew: sudo ./deploy/install.sh"


def examine(_patient: Patient) -> list[Finding]:
    """Let each kernel do what was worked out."""
    wrong = [name for name, good in (("crop_faces", _crops()), ("assign", _assigns())) if not good]
    if wrong:
        return [failure("kernels", f"{', '.join(wrong)}: gives another result than it must", REMEDY)]
    return [ok("kernels", "crop_faces and assign give what they must")]


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
