"""What the network learns from: rows of faces with their targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model import dataset
from model.augment import canvases
from model.labels import EMOTIONS, OUTPUTS
from model.mined import TRAINED_ON, load_mined

NOT_A_FACE = len(EMOTIONS)
#: What a row teaches: a distribution over all outputs, or only that it is a face with no word of its emotion.
LABELLED, FACE_ONLY = 0, 1


@dataclass(frozen=True)
class Rows:
    """Training rows: ``canvas`` u8 (n, 64, 64), ``target`` f32 (n, 8), ``weight`` f32 (n,), ``kind`` u8 (n,).

    ``original`` f32 (n, 7): FER2013's own label, nothing but zeros where there is none.
    """

    canvas: NDArray[np.uint8]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]
    kind: NDArray[np.uint8]
    original: NDArray[np.float32]

    def take(self, index: NDArray[np.intp]) -> Rows:
        """Return the rows at ``index``."""
        return Rows(*(column[index] for column in vars(self).values()))

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """Return the rows of all ``parts``, one after the other."""
        return cls(*(np.concatenate(columns) for columns in zip(*(vars(part).values() for part in parts), strict=True)))


def emotion_rows(data: dataset.Fer2013, rows: NDArray[np.intp], labels: str) -> Rows:
    """Rows of FER2013 with the targets of ``labels``: "ferplus" (votes) or "fer2013" (the original winner)."""
    if labels == "ferplus":
        target, weight = dataset.vote_targets(data.votes[rows])
    else:
        target = np.eye(len(OUTPUTS), dtype=np.float32)[data.emotion[rows]]
        weight = np.ones(len(rows), np.float32)
    used = weight > 0
    pixels = data.pixels[rows][used]
    original = np.eye(len(EMOTIONS), dtype=np.float32)[data.emotion[rows][used]]
    return Rows(canvases(pixels), target[used], weight[used], np.zeros(len(pixels), np.uint8), original)


def mined_rows(path: Path) -> tuple[Rows, Rows]:
    """Return (what is no face, faces without an emotion) as ``python -m model.mine`` found them for training."""
    crops = load_mined(path)
    crops = crops.take(crops.split == TRAINED_ON)
    pixels, is_face = crops.pixels, crops.is_face()
    target = np.zeros((len(pixels), len(OUTPUTS)), np.float32)
    target[:, NOT_A_FACE] = 1.0
    kind = np.where(is_face, FACE_ONLY, LABELLED).astype(np.uint8)
    unlabelled = np.zeros((len(pixels), len(EMOTIONS)), np.float32)
    rows = Rows(pixels, target, np.ones(len(pixels), np.float32), kind, unlabelled)
    return rows.take(np.flatnonzero(~is_face)), rows.take(np.flatnonzero(is_face))
