"""What a detector learns from one picture: faces, and places where nobody can say whether there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.boxes import Labelled, labelled_pictures, overlaps
from model.dataset import DatasetError, load_arrays
from model.detector.teach import Found, sets_of, strongest, taught_file

SCRFD, YUNET = 0, 1
#: Pictures of the set with few of them come oftener.
REPEATS = {"faces_cmu_mit_dev.npz": 5}


@dataclass(frozen=True)
class Settings:
    """When a teacher is believed."""

    in_head_above: tuple[float, float] = (0.30, 0.45)
    #: In a head, what one teacher alone sees is doubtful: YuNet takes ears for faces.
    both_in_head: bool = False
    in_nothing_above: float = 0.5
    head_ratio: tuple[float, float] = (0.25, 1.6)
    same_overlap: float = 0.35
    smallest_pixels: float = 5.0
    measured_every: int = 10


@dataclass(frozen=True)
class Picture:
    """``gray`` u8 (h, w); ``faces`` f32 (n, 4) and ``doubtful`` f32 (m, 4): x0, y0, x1, y1 in pixels.

    What lies in neither is background.
    """

    name: str
    gray: NDArray[np.uint8]
    faces: NDArray[np.float32]
    doubtful: NDArray[np.float32]
    measured: bool


def pictures(data: Path, also: list[Path], taught: Path, settings: Settings) -> list[Picture]:
    """Load all sets with what the teachers said of them; raise ``DatasetError`` where that is missing."""
    result: list[Picture] = []
    for path in sets_of(data, also):
        said = taught_file(taught, path)
        if not said.exists():
            raise DatasetError(f"{said}: not there; run python -m model.detector.teach first")
        result += _set(path, said, settings) * REPEATS.get(path.name, 1)
    return result


def _set(path: Path, taught: Path, settings: Settings) -> list[Picture]:
    parts = ("found", "picture", "teacher")
    found, owner, teacher = load_arrays(taught, parts, "not a file from python -m model.detector.teach")
    loaded = [
        (picture, found[owner == index], teacher[owner == index])
        for index, picture in enumerate(tqdm(labelled_pictures(path), desc=path.name, unit=" pictures"))
    ]
    heads = path.name.startswith("heads")
    shift = None if heads else _convention(loaded)
    result = []
    for index, (picture, rows, says) in enumerate(loaded):
        faces, doubtful = (
            _in_heads(picture, rows, says, settings) if heads else _in_faces(picture, rows, says, shift, settings)
        )
        gray = np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
        result.append(Picture(picture.name, gray, faces, doubtful, index % settings.measured_every == 0))
    return result


def _believed(rows: Found, teacher: NDArray[np.uint8], above: tuple[float, float]) -> Found:
    """Merge what both teachers say; SCRFD's boxes win, for it is the surer of the two."""
    surest = rows[rows[:, 4] > np.where(teacher == SCRFD, above[0], above[1])].copy()
    order = teacher[rows[:, 4] > np.where(teacher == SCRFD, above[0], above[1])]
    surest[:, 4] += np.where(order == SCRFD, 1.0, 0.0)
    kept = strongest(surest, 0.4)
    kept[:, 4] -= kept[:, 4] > 1.0
    return kept


def _both_see(boxes: Found, rows: Found, teacher: NDArray[np.uint8], settings: Settings) -> NDArray[np.bool_]:
    """Tell of every box (n, 5) whether each teacher believes that there is a face: (n,)."""
    said = (rows[(teacher == who) & (rows[:, 4] > settings.in_head_above[who])] for who in (SCRFD, YUNET))
    seen = [overlaps(boxes[:, :4], one[:, :4]).max(axis=1, initial=0.0) > settings.same_overlap for one in said]
    return np.logical_and(*seen)


def _in_heads(
    picture: Labelled, rows: Found, teacher: NDArray[np.uint8], settings: Settings
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A teacher's face in a head is a face; a head without one, or a sure face without a head, is doubtful."""
    merged = _believed(rows, teacher, settings.in_head_above)
    heads = picture.boxes.astype(np.float32)
    centre = (merged[:, None, :2] + merged[:, None, 2:4]) / 2
    inside = ((centre > heads[None, :, :2]) & (centre < heads[None, :, 2:])).all(axis=2)
    ratio = np.sqrt(
        (merged[:, 2:4] - merged[:, :2]).prod(axis=1)[:, None]
        / np.maximum((heads[:, 2:] - heads[:, :2]).prod(axis=1), 1)
    )
    fits = inside & (ratio > settings.head_ratio[0]) & (ratio < settings.head_ratio[1])
    with_head = fits.any(axis=1)
    stray = merged[~with_head]
    stray = stray[stray[:, 4] > settings.in_nothing_above]
    if settings.both_in_head:
        fits &= _both_see(merged, rows, teacher, settings)[:, None]
    faces = merged[fits.any(axis=1), :4]
    doubtful = np.concatenate([heads[~fits.any(axis=0)], stray[:, :4]])
    return _large_enough(faces, doubtful, settings)


def _in_faces(
    picture: Labelled,
    rows: Found,
    teacher: NDArray[np.uint8],
    shift: NDArray[np.float32] | None,
    settings: Settings,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A labelled face is a face, framed as the teachers frame it; a masked one only where a teacher sees it too."""
    assert shift is not None
    merged = _believed(rows, teacher, settings.in_head_above)
    truth = _framed(picture.boxes.astype(np.float32), shift)
    same = overlaps(truth, merged[:, :4]) if len(merged) else np.zeros((len(truth), 1), np.float32)
    seen = same.max(axis=1, initial=0) > settings.same_overlap
    if len(merged):
        truth[seen] = merged[same.argmax(axis=1)[seen], :4]
    masked = np.array([label.startswith("with_mask") for label in picture.labels], np.bool_)
    known = seen | ~masked
    stray = merged[same.max(axis=0, initial=0) < 0.2] if len(merged) and len(truth) else merged
    stray = stray[stray[:, 4] > settings.in_nothing_above]
    return _large_enough(truth[known], np.concatenate([truth[~known], stray[:, :4]]), settings)


def _large_enough(
    faces: NDArray[np.float32], doubtful: NDArray[np.float32], settings: Settings
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    tiny = np.sqrt(np.clip(faces[:, 2:] - faces[:, :2], 0, None).prod(axis=1)) < settings.smallest_pixels
    return faces[~tiny].astype(np.float32), np.concatenate([doubtful, faces[tiny]]).astype(np.float32)


def _convention(loaded: list[tuple[Labelled, Found, NDArray[np.uint8]]]) -> NDArray[np.float32]:
    """How a teacher's boxes lie in the set's own: median shift (x, y) and scale (x, y), in parts of the set's box."""
    pairs = list(_pairs(loaded))
    if not pairs:
        return np.array([0.0, 0.0, 1.0, 1.0], np.float32)
    truth, said = (np.concatenate(column) for column in zip(*pairs, strict=True))
    size = truth[:, 2:] - truth[:, :2]
    move = ((said[:, :2] + said[:, 2:]) - (truth[:, :2] + truth[:, 2:])) / 2 / size
    return np.concatenate([np.median(move, axis=0), np.median((said[:, 2:] - said[:, :2]) / size, axis=0)]).astype(
        np.float32
    )


def _pairs(
    loaded: list[tuple[Labelled, Found, NDArray[np.uint8]]],
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    for picture, rows, teacher in loaded:
        said = rows[(teacher == SCRFD) & (rows[:, 4] > 0.5), :4]
        truth = picture.boxes.astype(np.float32)
        if len(said) and len(truth):
            same = overlaps(truth, said)
            hit = same.max(axis=1) > 0.25
            yield truth[hit], said[same.argmax(axis=1)[hit]]


def _framed(boxes: NDArray[np.float32], shift: NDArray[np.float32]) -> NDArray[np.float32]:
    size = boxes[:, 2:] - boxes[:, :2]
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 + shift[:2] * size
    half = size * shift[2:] / 2
    return np.concatenate([middle - half, middle + half], axis=1)
