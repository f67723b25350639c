"""Find what is no face, and faces of unknown emotion: ``python -m model.mine --data FOLDER --teacher YUNET.onnx --out FILE``.

Four kinds of crops, each a 64x64 canvas whose middle 48 pixels are the box: faces that Haar finds and the teacher
confirms; Haar's false detections, which neither a label nor the teacher supports; faces that the teacher finds in a
labelled box; windows of background. Every fifth picture is kept for measuring: no crop of it is trained on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.augment import CANVAS_PIXELS
from model.boxes import Labelled, labelled_pictures, overlaps
from model.dataset import FACE_PIXELS

HAAR_FACE, HAAR_FALSE, TEACHER_FACE, BACKGROUND = 1, 2, 3, 4
FILES = ("faces_cmu_mit_dev.npz", "faces_street.npz", "heads_web.npz", "heads_classroom.npz")


@dataclass(frozen=True)
class Settings:
    """What counts as what."""

    #: (scale factor, neighbours, smallest side) of Haar's two passes: as it is used, and far too eager.
    passes: tuple[tuple[float, int, int], ...] = ((1.15, 3, 20), (1.1, 1, 18))
    confirmed_overlap: float = 0.35
    confirmed_score: float = 0.6
    false_overlap: float = 0.02
    teacher_score: float = 0.75
    windows_per_picture: int = 4
    #: The detector's own false positives count more often than windows of background.
    false_repeats: int = 3
    measured_every: int = 5
    seed: int = 20


@dataclass(frozen=True)
class Crop:
    """A square, as x, y, side in pixels of its picture, and what it is."""

    kind: int
    x: float
    y: float
    side: float


def canvas_of(gray: NDArray[np.uint8], crop: Crop) -> NDArray[np.uint8]:
    """Cut a square and its surroundings out: u8 (64, 64), the mean over areas where it shrinks."""
    side = crop.side * CANVAS_PIXELS / FACE_PIXELS
    left, top = crop.x - (side - crop.side) / 2, crop.y - (side - crop.side) / 2
    if side < CANVAS_PIXELS:
        zoom = CANVAS_PIXELS / side
        matrix = np.array([[zoom, 0, -left * zoom], [0, zoom, -top * zoom]])
        small = cv2.warpAffine(gray, matrix, (CANVAS_PIXELS, CANVAS_PIXELS), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(small, np.uint8)
    x0, y0, pixels = round(left), round(top), round(side)
    height, width = gray.shape
    border = (max(0, -y0), max(0, y0 + pixels - height), max(0, -x0), max(0, x0 + pixels - width))
    padded = cv2.copyMakeBorder(gray, *border, cv2.BORDER_REPLICATE)
    x0, y0 = max(x0, 0), max(y0, 0)
    cut = padded[y0 : y0 + pixels, x0 : x0 + pixels]
    return np.asarray(cv2.resize(cut, (CANVAS_PIXELS, CANVAS_PIXELS), interpolation=cv2.INTER_AREA), np.uint8)


class Miner:
    """Runs Haar and the teacher over pictures."""

    def __init__(self, teacher: Path, settings: Settings) -> None:
        self._settings = settings
        self._haar = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")  # type: ignore[attr-defined]
        self._teacher: Any = cv2.FaceDetectorYN.create(str(teacher), "", (320, 320), 0.3, 0.4, 5000)
        self._rng = np.random.default_rng(settings.seed)

    def crops(self, picture: Labelled) -> Iterator[Crop]:
        """Yield everything that one picture gives."""
        gray = np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
        taught, scores = self._taught(picture.pixels)
        for index, haar_pass in enumerate(self._settings.passes):
            for crop in self._haar_crops(gray, haar_pass, picture.boxes, taught, scores):
                # The eager pass finds the same faces again: only its mistakes are news.
                if index == 0 or crop.kind == HAAR_FALSE:
                    yield crop
        yield from self._taught_crops(picture.boxes, taught, scores)
        yield from self._windows(gray.shape, np.concatenate([taught, picture.boxes]))

    def _taught(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        height, width = pixels.shape[:2]
        self._teacher.setInputSize((width, height))
        found = self._teacher.detect(pixels)[1]
        rows = np.zeros((0, 15)) if found is None else found.astype(np.float64)
        return np.column_stack([rows[:, :2], rows[:, :2] + rows[:, 2:4]]), rows[:, 14]

    def _haar_crops(
        self,
        gray: NDArray[np.uint8],
        haar_pass: tuple[float, int, int],
        labels: NDArray[np.float64],
        taught: NDArray[np.float64],
        scores: NDArray[np.float64],
    ) -> Iterator[Crop]:
        scale, neighbours, smallest = haar_pass
        for x, y, side, _ in self._haar.detectMultiScale(gray, scale, neighbours, minSize=(smallest, smallest)):
            box = np.array([x, y, x + side, y + side], np.float64)
            by_teacher, by_label = overlaps(box[None], taught)[0], overlaps(box[None], labels)[0]
            best = int(by_teacher.argmax()) if len(by_teacher) else -1
            if best >= 0 and by_teacher[best] > self._settings.confirmed_overlap:
                if scores[best] > self._settings.confirmed_score:
                    yield Crop(HAAR_FACE, x, y, side)
            elif max(by_teacher.max(initial=0), by_label.max(initial=0)) < self._settings.false_overlap:
                yield Crop(HAAR_FALSE, x, y, side)

    def _taught_crops(
        self, labels: NDArray[np.float64], taught: NDArray[np.float64], scores: NDArray[np.float64]
    ) -> Iterator[Crop]:
        for box, score in zip(taught, scores, strict=True):
            if score < self._settings.teacher_score or overlaps(box[None], labels).max(initial=0) < 0.15:
                continue
            # The teacher's box is narrow and tight: this square is framed as Haar would.
            side = 0.56 * (box[3] - box[1]) + 0.67 * (box[2] - box[0])
            if side >= 12:
                middle = (box[:2] + box[2:]) / 2
                yield Crop(TEACHER_FACE, middle[0] - side / 2, middle[1] - side / 2, side)

    def _windows(self, shape: tuple[int, ...], faces: NDArray[np.float64]) -> Iterator[Crop]:
        height, width = shape
        found = 0
        for _ in range(30):
            side = np.exp(self._rng.uniform(np.log(14), np.log(min(height, width) * 0.5)))
            x, y = self._rng.uniform(0, width - side), self._rng.uniform(0, height - side)
            inside = np.minimum([x + side, y + side], faces[:, 2:]) - np.maximum([x, y], faces[:, :2])
            hidden = np.clip(inside, 0, None).prod(axis=1) / np.maximum((faces[:, 2:] - faces[:, :2]).prod(axis=1), 1)
            if (hidden > 0.3).any():
                continue
            yield Crop(BACKGROUND, x, y, side)
            found += 1
            if found == self._settings.windows_per_picture:
                return


def mine(paths: list[Path], teacher: Path, out: Path, settings: Settings) -> None:
    """Mine every picture of ``paths`` and write ``out``."""
    miner = Miner(teacher, settings)
    pixels: list[NDArray[np.uint8]] = []
    rows: list[tuple[int, int, float]] = []
    for path in paths:
        for index, picture in enumerate(tqdm(labelled_pictures(path), desc=path.name, unit=" pictures")):
            gray = np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
            measured = int(index % settings.measured_every == 0)
            for crop in miner.crops(picture):
                copies = settings.false_repeats if crop.kind == HAAR_FALSE and not measured else 1
                pixels += [canvas_of(gray, crop)] * copies
                rows += [(crop.kind, measured, crop.side)] * copies
    kind, split, side = (np.array(column) for column in zip(*rows, strict=True))
    np.savez_compressed(
        out,
        pixels=np.stack(pixels),
        kind=kind.astype(np.uint8),
        is_face=np.isin(kind, (HAAR_FACE, TEACHER_FACE)).astype(np.uint8),
        split=split.astype(np.uint8),
        size=side.astype(np.float32),
    )


def main() -> None:
    """Read the arguments and mine."""
    parser = argparse.ArgumentParser(prog="python -m model.mine", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the prepared files of pictures and boxes")
    parser.add_argument("--voc", type=Path, nargs="*", default=[], help="Pascal-VOC folders, as well")
    parser.add_argument("--teacher", type=Path, required=True, help="YuNet's .onnx file")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    arguments = parser.parse_args()
    found = [arguments.data / name for name in FILES if (arguments.data / name).exists()]
    mine(found + arguments.voc, arguments.teacher, arguments.out, Settings())


if __name__ == "__main__":
    main()
