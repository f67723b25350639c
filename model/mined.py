"""What ``python -m model.mine`` found, as the file that training, calibration and evaluation read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.augment import CANVAS_PIXELS, boxes_of
from model.dataset import DatasetError, load_arrays, save_arrays

HAAR_FACE, HAAR_FALSE, TEACHER_FACE, BACKGROUND, OUR_FACE, OUR_FALSE = range(1, 7)
FACES = (HAAR_FACE, TEACHER_FACE, OUR_FACE)
TRAINED_ON, MEASURED = 0, 1


@dataclass(frozen=True)
class Mined:
    """Crops: ``pixels`` u8 (n, 64, 64), the box in the middle; ``kind`` u8 (n,), one of the above.

    ``split`` u8 (n,): ``MEASURED`` where nothing of the picture is trained on; ``size`` f32 (n,): side of the box in pixels.
    """

    pixels: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    split: NDArray[np.uint8]
    size: NDArray[np.float32]

    def is_face(self) -> NDArray[np.bool_]:
        """Tell which are faces."""
        return np.isin(self.kind, FACES)

    def boxes(self) -> NDArray[np.uint8]:
        """Cut the boxes out: u8 (n, 48, 48)."""
        return boxes_of(self.pixels)

    def take(self, rows: NDArray[np.bool_]) -> Mined:
        """Return ``rows`` alone."""
        return Mined(self.pixels[rows], self.kind[rows], self.split[rows], self.size[rows])

    def save(self, path: Path) -> None:
        """Write the file that ``load_mined`` reads."""
        save_arrays(path, vars(self))


def load_mined(path: Path) -> Mined:
    """Read the file; raise ``DatasetError`` where it is another."""
    mined = Mined(*load_arrays(path, [field.name for field in fields(Mined)], "not a file from python -m model.mine"))
    if mined.pixels.shape != (len(mined.kind), CANVAS_PIXELS, CANVAS_PIXELS):
        raise DatasetError(f"{path}: pixels {mined.pixels.shape} of {len(mined.kind)} crops")
    return mined
