"""The sidecar of a face detector: when its boxes count, and how they become the squares that everybody else expects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from emotiond.records import Box, Face
from emotiond.vision.sidecar import ModelError, decoded

#: The detector that ships.
SHIPPED: Final = Path(__file__).parent.parent / "models" / "faces.tflite"
Share = Annotated[float, Meta(gt=0.0, lt=1.0)]


class Square(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From a tight box (brow to chin) to the square that the classifier was trained on."""

    #: Side of the square, as a multiple of the root of the box's area.
    side: Annotated[float, Meta(gt=0.2, lt=5.0)] = 1.0
    #: How far its centre lies from the box's, in sides of the square.
    right: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.0
    down: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.0

    def faces(self, rows: NDArray[np.float32]) -> list[Face]:
        """Turn tight boxes f32 (n, 5), x, y, width, height in pixels and score, into faces."""
        table = rows.astype(np.float64)
        sides = self.side * np.sqrt(table[:, 2] * table[:, 3])
        left = table[:, 0] + table[:, 2] / 2.0 + (self.right - 0.5) * sides
        top = table[:, 1] + table[:, 3] / 2.0 + (self.down - 0.5) * sides
        squares = zip(left.tolist(), top.tolist(), sides.tolist(), table[:, 4].tolist(), strict=True)
        return [Face(Box(x, y, side, side), score) for x, y, side, score in squares]


class Framing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that the daemon knows about a detector."""

    kind: Literal["face-detector"]
    #: Pixels of the input that one cell of each output stands for, the finest first.
    strides: tuple[int, int, int]
    #: From the first score on a detection is a face, from the second on it may continue one that is known.
    score_above: Share
    weak_above: Share
    #: Of two boxes that overlap more than this, the better one stays.
    nms_overlap: Annotated[float, Meta(ge=0.0, le=1.0)]
    #: Of a still's detections the classifier is asked from the first score on, and once it was heard they are faces from
    #: the second on; None asks nobody else.
    asked_above: Share | None = None
    seconded_above: Share | None = None
    square: Square = Square()
    #: Side of the smallest face that it finds well, in pixels of its input.
    smallest_pixels: Annotated[float, Meta(ge=4.0, le=100.0)] = 10.0
    #: What was measured, and how the weights came to be: for people, not for the daemon.
    figures: dict[str, Any] = {}
    trained_on: str = ""
    commit: str = ""


def load_framing(model: Path) -> Framing:
    """Read the sidecar of ``model`` (``x.tflite`` has ``x.json``); raise ``ModelError`` where it does not serve."""
    path, framing = decoded(model, Framing, "a detector's sidecar")
    fine, middle, coarse = framing.strides
    if not 1 < fine < middle < coarse:
        raise ModelError(f"{path}: strides: must grow from more than 1, not {fine}, {middle}, {coarse}")
    if (framing.asked_above is None) != (framing.seconded_above is None):
        raise ModelError(f"{path}: asked_above, seconded_above: both or none")
    if framing.weak_above > framing.score_above:
        raise ModelError(f"{path}: weak_above: must not be above score_above")
    return framing
