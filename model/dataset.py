"""FER2013 with its FER+ votes, and CK+: loading, the twins, the targets.

Reads the public files (``fer2013.csv`` beside ``fer2013new.csv``) and the prepared ``fer2013.npz``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from model.labels import CONTEMPT_COLUMN, FERPLUS_COLUMN_OF_OUTPUT, FERPLUS_COLUMNS

TRAINING, PUBLIC_TEST, PRIVATE_TEST = 0, 1, 2
USAGES: Final = {"Training": TRAINING, "PublicTest": PUBLIC_TEST, "PrivateTest": PRIVATE_TEST}
FACE_PIXELS: Final = 48
#: Correlation of two 16x16 thumbnails from which two pictures count as the same photograph.
#: At 0.98 it finds 373 / 399 test rows with a relative in Training, at 0.97 421 / 443: the stricter is cheap.
TWIN_CORRELATION: Final = 0.97
#: The columns of the labels 0 to 7: the emotions in FER order, then contempt.
_COLUMN_OF_LABEL: Final = (*FERPLUS_COLUMN_OF_OUTPUT[:-1], CONTEMPT_COLUMN)


class DatasetError(ValueError):
    """A data file is missing or is not what it should be; the message says which and what to do."""


def load_arrays(path: Path, names: Sequence[str], what: str) -> list[NDArray[Any]]:
    """Load the named arrays of an ``.npz``; raise ``DatasetError`` where it is torn or is not ``what`` it should be."""
    try:
        # Opened here: of a torn file NumPy leaves its own open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return [arrays[name] for name in names]
    except (BadZipFile, EOFError, IndexError, KeyError, OSError, ValueError) as error:
        raise DatasetError(f"{path}: {what} ({error})") from error


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the ``.npz`` that ``load_arrays`` reads, whole or not at all: what is there is not made again."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, **arrays)
    partial.replace(path)


@dataclass(frozen=True)
class Fer2013:
    """FER2013 in its original row order.

    ``pixels`` u8 (n, 48, 48); ``emotion`` u8 (n,) in the order of ``labels.EMOTIONS``;
    ``usage`` u8 (n,) 0 Training, 1 PublicTest, 2 PrivateTest; ``votes`` u8 (n, 10) as in ``FERPLUS_COLUMNS``.
    """

    pixels: NDArray[np.uint8]
    emotion: NDArray[np.uint8]
    usage: NDArray[np.uint8]
    votes: NDArray[np.uint8]


@dataclass(frozen=True)
class Crops:
    """Labelled face crops: ``pixels`` u8 (n, h, w), ``label`` u8 (n,) in FER order, 255 = none of the seven."""

    pixels: NDArray[np.uint8]
    label: NDArray[np.uint8]


def load_fer2013(folder: Path) -> Fer2013:
    """Load FER2013 and its FER+ votes from ``folder``; raise ``DatasetError`` where that cannot be."""
    prepared = folder / "fer2013.npz"
    if prepared.exists():
        return _fer2013_from_npz(prepared)
    pictures, votes = folder / "fer2013.csv", folder / "fer2013new.csv"
    if not (pictures.exists() and votes.exists()):
        raise DatasetError(f"{folder}: has neither fer2013.npz nor the pair fer2013.csv and fer2013new.csv")
    return _fer2013_from_csv(pictures, votes)


def _fer2013_from_npz(path: Path) -> Fer2013:
    names = ("pixels", "emotion", "usage", "ferplus")
    data = Fer2013(*load_arrays(path, names, "not a prepared FER2013 file"))
    _check(data, path)
    return data


def _fer2013_from_csv(pictures: Path, votes: Path) -> Fer2013:
    pixels: list[NDArray[np.uint8]] = []
    emotion: list[int] = []
    usage: list[int] = []
    tally: list[list[int]] = []
    with pictures.open(newline="") as faces, votes.open(newline="") as counts:
        for line, (face, count) in enumerate(zip_longest(csv.DictReader(faces), csv.DictReader(counts)), start=2):
            if face is None or count is None:
                raise DatasetError(f"{pictures if face is None else votes}: ends before line {line}; the other goes on")
            try:
                pixels.append(np.array(face["pixels"].split(), np.uint8).reshape(FACE_PIXELS, FACE_PIXELS))
                emotion.append(int(face["emotion"]))
                usage.append(USAGES[face["Usage"]])
                tally.append([int(count[column]) for column in FERPLUS_COLUMNS])
            except (KeyError, ValueError) as error:
                raise DatasetError(f"{pictures}: line {line} is not a FER2013 row ({error})") from error
    data = Fer2013(np.stack(pixels), *(np.array(rows, np.uint8) for rows in (emotion, usage, tally)))
    _check(data, pictures)
    return data


def _check(data: Fer2013, path: Path) -> None:
    rows = len(data.pixels)
    if data.pixels.shape != (rows, FACE_PIXELS, FACE_PIXELS) or data.votes.shape != (rows, len(FERPLUS_COLUMNS)):
        raise DatasetError(f"{path}: pixels {data.pixels.shape} and votes {data.votes.shape} do not fit together")
    if rows and (data.emotion.max() > len(USAGES) + 3 or data.usage.max() > PRIVATE_TEST):
        raise DatasetError(f"{path}: an emotion above 6 or a usage above 2")


def load_crops(path: Path) -> Crops:
    """Load ``pixels`` u8 (n, h, w) and ``label`` u8 (n,) from an ``.npz``."""
    crops = Crops(*load_arrays(path, ("pixels", "label"), "needs arrays `pixels` u8 (n, h, w) and `label` u8 (n,)"))
    if crops.pixels.ndim != 3 or crops.pixels.dtype != np.uint8 or crops.label.shape != crops.pixels.shape[:1]:
        raise DatasetError(f"{path}: pixels {crops.pixels.shape} {crops.pixels.dtype}, labels {crops.label.shape}")
    return crops


def fingerprints(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Unit vectors, f32 (n, 256), whose dot product is the correlation of two 16x16 thumbnails."""
    small = np.stack([cv2.resize(face, (16, 16), interpolation=cv2.INTER_AREA) for face in pixels])
    flat = small.reshape(len(small), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    # A blank picture has no direction: dividing by one keeps it at zero, like nothing else.
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1.0)


def has_twin(pixels: NDArray[np.uint8], among: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say for each of ``pixels`` u8 (n, 48, 48) whether it, or its mirror image, is nearly one of ``among``."""
    others = fingerprints(among)
    found = np.zeros(len(pixels), np.bool_)
    for view in (pixels, pixels[:, :, ::-1]):
        ours = fingerprints(np.ascontiguousarray(view))
        for start in range(0, len(ours), 1024):
            rows = slice(start, start + 1024)
            found[rows] |= (ours[rows] @ others.T).max(axis=1) > TWIN_CORRELATION
    return found


def training_rows(data: Fer2013, *, with_twins: bool = False) -> NDArray[np.intp]:
    """Rows of the Training split that show no photograph of a test split, and are not blank.

    ``with_twins`` leaves those photographs in, to show how much they lift a test's figure; nothing that ships does.
    """
    training = np.flatnonzero(data.usage == TRAINING)
    keep = data.pixels[training].std(axis=(1, 2)) > 1.0
    if not with_twins:
        keep &= ~has_twin(data.pixels[training], data.pixels[data.usage != TRAINING])
    return training[keep]


def vote_targets(votes: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn FER+ votes (n, 10) into distributions f32 (n, 8) over ``labels.OUTPUTS`` and weights f32 (n,).

    A single dissenting vote is noise (Barsoum et al. 2016) and is taken out. The weight is the share of votes that
    the eight outputs hold: rows that raters called contempt or unknown count less, or not at all.
    """
    clean = _agreed(votes).astype(np.float32)
    known = clean[:, list(FERPLUS_COLUMN_OF_OUTPUT)]
    total = known.sum(axis=1)
    weight = total / np.maximum(clean.sum(axis=1), 1.0)
    return known / np.maximum(total, 1.0)[:, None], np.where(weight >= 0.3, weight, 0.0).astype(np.float32)


def majority(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Majority label (n,) by the FER+ protocol: 0..6 in FER order, 7 contempt, -1 where the row leaves the test set.

    A row leaves when more raters said ``unknown`` or ``NF`` than any emotion. Of equals the one that FER+ names first
    wins, neutral before all others: one row in twenty of PrivateTest is such a tie.
    """
    label = np.full(len(FERPLUS_COLUMNS), -1, np.int64)
    label[list(_COLUMN_OF_LABEL)] = np.arange(len(_COLUMN_OF_LABEL))
    return label[votes.argmax(axis=1)]


def absolute_majority(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Majority label (n,) as the code of Barsoum et al. has it, by which published figures were measured.

    Beside the rows that leave by ``majority``, those leave where no more than half of the votes agree once single
    dissenting ones are taken out.
    """
    clean = _agreed(votes)
    absolute = 2 * clean.max(axis=1) > clean.sum(axis=1)
    return np.where(absolute, majority(votes), -1)


def _agreed(votes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take single dissenting votes out."""
    return np.where(votes > 1, votes, 0).astype(np.uint8)
