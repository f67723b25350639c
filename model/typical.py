"""What the networks usually see: a converter to int8 learns from it how large numbers become."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model import dataset
from model.boxes import labelled_pictures
from model.detector import truth

FACES = 500
PICTURES = 60
#: Width and height of what the detector is shown, of 32s: the size of a 1280x720 frame.
DETECTOR_PIXELS = (640, 384)
SETS = ("heads_web.npz", "heads_classroom.npz", "faces_street.npz")

Floats = NDArray[np.float32]


def faces(folder: Path) -> Iterator[Floats]:
    """Yield training faces as the emotion network reads them, f32 (1, 48, 48, 1)."""
    data = dataset.load_fer2013(folder)
    rows = np.random.default_rng(1).choice(dataset.training_rows(data), FACES, replace=False)
    for pixels in data.pixels[np.sort(rows)]:
        yield (pixels.astype(np.float32) / 255.0)[None, :, :, None]


def pictures(folder: Path) -> Iterator[Floats]:
    """Yield training pictures as the detector reads them, f32 (1, 384, 640, 1); none of those kept for measuring."""
    kept = truth.Settings().measured_every
    for path in (folder / name for name in SETS if (folder / name).exists()):
        trained = (picture for index, picture in enumerate(labelled_pictures(path)) if index % kept)
        for picture in islice(trained, PICTURES // len(SETS)):
            gray = cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY)
            small = cv2.resize(gray, DETECTOR_PIXELS, interpolation=cv2.INTER_AREA)
            yield (small.astype(np.float32) / 255.0)[None, :, :, None]
