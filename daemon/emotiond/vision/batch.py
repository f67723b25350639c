"""From boxes to the network's input: the crop contract, and the one call that fills a batch in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emotiond.native.preprocess import crop_faces
from emotiond.records import Box, Frame, PixelFormat
from emotiond.vision.quality import sharpness
from emotiond.vision.sidecar import Input


def crop_box(box: Box, crop_scale: float) -> Box:
    """Return the square that is cut out for ``box``: same centre, ``crop_scale`` times its longer side."""
    side = max(box.width, box.height) * crop_scale
    return Box(box.x + (box.width - side) / 2.0, box.y + (box.height - side) / 2.0, side, side)


def fill(view: NDArray[np.float32], frame: Frame, boxes: Sequence[Box], contract: Input) -> NDArray[np.float64]:
    """Write the faces in ``boxes`` into ``view``, f32 (n, height, width, channels), one row each, in place.

    Returns the sharpness of each, f64 (n,).
    """
    squares = np.array([crop_box(box, contract.crop_scale) for box in boxes], np.float32)
    nv12 = frame.format is PixelFormat.NV12
    crop_faces(frame.pixels, squares, view, contract.scale, contract.offset, nv12)
    return sharpness(view)
