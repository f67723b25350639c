"""Find what is no face, and faces of unknown emotion: ``python -m model.mine --data FOLDER --taught FOLDER --out FILE``.

Each crop is a 64x64 canvas whose middle 48 pixels are the box. Our detector and Haar look at pictures of which
``python -m model.detector.teach`` has said where faces are: what they find there are faces, framed as they really frame
them, and what they find elsewhere are their false detections. The teachers' own faces and windows of background come
along. No crop of a picture that is kept for measuring is trained on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotiond.records import Frame
from emotiond.vision.detector import Detector
from emotiond.vision.finder import Finder
from emotiond.vision.framing import SHIPPED, Square
from emotiond.vision.haar import Haar
from model import command
from model.augment import CANVAS_PIXELS
from model.boxes import overlaps
from model.dataset import FACE_PIXELS
from model.detections import corners
from model.detector import truth
from model.detector.truth import Picture
from model.mined import (
    BACKGROUND,
    HAAR_FACE,
    HAAR_FALSE,
    MEASURED,
    OUR_FACE,
    OUR_FALSE,
    TEACHER_FACE,
    TRAINED_ON,
    Mined,
)

Boxes = NDArray[np.floating]


@dataclass(frozen=True)
class Settings:
    """What counts as what."""

    #: (scale factor, neighbours, smallest side) of Haar's two passes: as it is used, and far too eager.
    haar: tuple[tuple[float, int, int], ...] = ((1.15, 3, 20), (1.1, 1, 18))
    #: Our detector also looks at the pictures that are trained on reduced and enlarged so: it makes new mistakes in them.
    zooms: tuple[float, ...] = (0.7, 1.4, 2.0)
    #: Haar is slow: of the pictures that are trained on it sees one in so many.
    haar_every: int = 5
    #: Score from which our own detections are looked at; None is the score from which the classifier is asked about a still.
    weakest: float | None = None
    #: Scores from which SCRFD and YuNet, both of them, are believed: of what one sees alone, or both see less surely, in
    #: a head, much is the back of it or an ear.
    #: The detector may learn that it is in doubt; what is to tell faces from all else must not learn it as a face.
    teachers_above: tuple[float, float] = (0.5, 0.6)
    #: Overlap with a known face from which a detection is one, and up to which it is none.
    face_overlap: float = 0.35
    false_overlap: float = 0.02
    smallest_pixels: float = 12.0
    windows_per_picture: int = 4
    #: Haar's false positives count more often than windows of background: it sees few pictures.
    haar_false_repeats: int = 3
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
    """Runs the detectors over pictures."""

    def __init__(self, detector: Path, settings: Settings) -> None:
        self._settings = settings
        self._ours = Finder(detector, "auto", 1, 0, settings.weakest)
        self._haar = [Haar(*one) for one in settings.haar]
        self._rng = np.random.default_rng(settings.seed)

    def crops(self, picture: Picture, *, with_haar: bool) -> Iterator[Crop]:
        """Yield everything that one picture gives."""
        square = self._ours.framing.square
        faces = _squares(picture.faces, square)
        doubtful = _squares(picture.doubtful, square)
        right, wrong = self._found(self._ours, picture, faces, doubtful)
        yield from _crops(OUR_FACE, right)
        yield from _crops(OUR_FALSE, wrong)
        for zoom in () if picture.measured else self._settings.zooms:
            yield from _crops(OUR_FALSE, self._found(self._ours, picture, faces, doubtful, zoom)[1])
        if with_haar:
            used, eager = (self._found(haar, picture, faces, doubtful) for haar in self._haar)
            yield from _crops(HAAR_FACE, used[0])
            # The eager pass finds the same faces again: only its mistakes are news.
            yield from _crops(HAAR_FALSE, np.concatenate([used[1], eager[1]]))
        yield from _crops(TEACHER_FACE, faces[faces[:, 2] - faces[:, 0] >= self._settings.smallest_pixels])
        yield from self._windows(picture.gray.shape, np.concatenate([faces, doubtful]))

    def _found(
        self, detector: Detector, picture: Picture, faces: Boxes, doubtful: Boxes, zoom: float = 1.0
    ) -> tuple[Boxes, Boxes]:
        """What a detector finds: squares on faces, and squares where nobody sees one; corners, f64 (n, 4) each."""
        gray = picture.gray if zoom == 1.0 else _zoomed(picture.gray, zoom)
        frame = Frame("mine", 0, 0.0, np.ascontiguousarray(gray[:, :, None]), picture.name, still=True)
        found = corners(detector.detect(frame))[:, :4] / zoom
        on_face, on_doubtful = (overlaps(found, boxes).max(axis=1, initial=0.0) for boxes in (faces, doubtful))
        large = found[:, 2] - found[:, 0] >= self._settings.smallest_pixels
        right = (on_face > self._settings.face_overlap) & large
        wrong = np.maximum(on_face, on_doubtful) < self._settings.false_overlap
        # What is small in an enlarged picture is no news: the network is not asked about it.
        return found[right], found[wrong & (large if zoom > 1.0 else True)]

    def _windows(self, shape: tuple[int, ...], known: Boxes) -> Iterator[Crop]:
        height, width = shape
        found = 0
        for _ in range(30):
            side = np.exp(self._rng.uniform(np.log(14), np.log(min(height, width) * 0.5)))
            x, y = self._rng.uniform(0, width - side), self._rng.uniform(0, height - side)
            inside = np.minimum([x + side, y + side], known[:, 2:]) - np.maximum([x, y], known[:, :2])
            hidden = np.clip(inside, 0, None).prod(axis=1) / np.maximum((known[:, 2:] - known[:, :2]).prod(axis=1), 1)
            if (hidden > 0.3).any():
                continue
            yield Crop(BACKGROUND, x, y, side)
            found += 1
            if found == self._settings.windows_per_picture:
                return


def _zoomed(gray: NDArray[np.uint8], zoom: float) -> NDArray[np.uint8]:
    way = cv2.INTER_AREA if zoom < 1.0 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, None, fx=zoom, fy=zoom, interpolation=way), np.uint8)


def _squares(boxes: NDArray[np.float32], square: Square) -> Boxes:
    """Tight boxes (n, 4), x0, y0, x1, y1, as the squares that the detector makes of them: f64 (n, 4)."""
    sized = np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2], np.ones(len(boxes))]).astype(np.float32)
    return corners(square.faces(sized))[:, :4]


def _crops(kind: int, squares: Boxes) -> Iterator[Crop]:
    for x0, y0, x1, _ in squares.tolist():
        yield Crop(kind, x0, y0, x1 - x0)


def mine(pictures: list[Picture], detector: Path, out: Path, settings: Settings) -> None:
    """Mine every picture once and write ``out``."""
    miner = Miner(detector, settings)
    pixels: list[NDArray[np.uint8]] = []
    rows: list[tuple[int, int, float]] = []
    once = list({id(picture): picture for picture in pictures}.values())
    for index, picture in enumerate(tqdm(once, desc="mining", unit=" pictures", mininterval=10)):
        with_haar = picture.measured or index % settings.haar_every == 0
        for crop in miner.crops(picture, with_haar=with_haar):
            copies = settings.haar_false_repeats if crop.kind == HAAR_FALSE and not picture.measured else 1
            pixels += [canvas_of(picture.gray, crop)] * copies
            rows += [(crop.kind, MEASURED if picture.measured else TRAINED_ON, crop.side)] * copies
    kind, split, side = (np.array(column) for column in zip(*rows, strict=True))
    Mined(np.stack(pixels), kind.astype(np.uint8), split.astype(np.uint8), side.astype(np.float32)).save(out)


def main() -> None:
    """Read the arguments and mine."""
    parser = argparse.ArgumentParser(prog="python -m model.mine", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the prepared files of pictures and boxes")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="lists of WIDER FACE, Pascal-VOC folders")
    parser.add_argument("--taught", type=Path, required=True, help="folder from python -m model.detector.teach")
    parser.add_argument("--detector", type=Path, default=SHIPPED, help="our .tflite (default: the one that ships)")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    arguments = parser.parse_args()
    settings = Settings()
    believed = truth.Settings(in_head_above=settings.teachers_above, both_in_head=True)
    pictures = truth.pictures(arguments.data, arguments.also, arguments.taught, believed)
    mine(pictures, arguments.detector, arguments.out, settings)


if __name__ == "__main__":
    command.run(main)
