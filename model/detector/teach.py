"""Ask two teachers where the faces are: ``python -m model.detector.teach --data FOLDER --peers FOLDER --out FILE``; resumes.

The sets of crowds and classrooms label heads, and a head may show no face. SCRFD (in tiles, at two scales) and YuNet say
which do, and where. What they say is training data for our own detector, and never the truth of a test.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model import command
from model.boxes import Labelled, labelled_pictures
from model.dataset import DatasetError, save_arrays

FILES = ("faces_cmu_mit_dev.npz", "faces_street.npz", "heads_web.npz", "heads_classroom.npz")
SCRFD_PIXELS = 640
#: Rows of found faces: x0, y0, x1, y1 in pixels, score.
Found = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """How hard the teachers look."""

    scrfd_scales: tuple[float, ...] = (1.0, 2.0)
    yunet_scales: tuple[float, ...] = (1.0,)
    overlap_pixels: int = 120
    scrfd_above: float = 0.3
    yunet_above: float = 0.35
    nms_overlap: float = 0.45
    #: No scale makes a picture larger than this.
    longest_pixels: int = 2200


def strongest(found: Found, overlap: float) -> Found:
    """Keep the surest of boxes that overlap."""
    if not len(found):
        return found
    sides = found[:, 2:4] - found[:, :2]
    boxes = np.column_stack([found[:, :2], sides]).astype(float).tolist()
    kept = cv2.dnn.NMSBoxes(boxes, found[:, 4].astype(float).tolist(), 0.0, overlap)
    return found[np.asarray(kept, np.intp).ravel()]


def sets_of(data: Path, also: list[Path]) -> list[Path]:
    """Every set to learn from: the prepared ones that are there, and what else was named; ``DatasetError`` if none is."""
    sets = [data / name for name in FILES if (data / name).exists()] + also
    if not sets:
        raise DatasetError(f"{data}: holds none of {', '.join(FILES)}")
    return sets


def taught_file(folder: Path, labelled: Path) -> Path:
    """Where the teachers' word on one set is kept."""
    return folder / f"{labelled.stem}.npz"


class Scrfd:
    """SCRFD-2.5G, whose input is fixed at 640x640: larger pictures are read in tiles."""

    def __init__(self, path: Path, settings: Settings) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._settings = settings

    def find(self, picture: NDArray[np.uint8]) -> Found:
        """Find the faces of a BGR picture."""
        height, width = picture.shape[:2]
        step = SCRFD_PIXELS - self._settings.overlap_pixels
        found = [np.zeros((0, 5), np.float32)]
        for y in _starts(height, step):
            for x in _starts(width, step):
                tile = np.zeros((SCRFD_PIXELS, SCRFD_PIXELS, 3), np.uint8)
                part = picture[y : y + SCRFD_PIXELS, x : x + SCRFD_PIXELS]
                tile[: part.shape[0], : part.shape[1]] = part
                rows = self._find_tile(tile)
                rows[:, :4] += np.array([x, y, x, y], np.float32)
                found.append(rows)
        return np.concatenate(found)

    def _find_tile(self, tile: NDArray[np.uint8]) -> Found:
        blob = cv2.dnn.blobFromImage(tile, 1 / 128, mean=(127.5, 127.5, 127.5), swapRB=True)
        outputs: list[Any] = self._session.run(None, {"images": blob})
        result = []
        for level, stride in enumerate((8, 16, 32)):
            score, distance = outputs[level].reshape(-1), outputs[level + 3].reshape(-1, 4) * stride
            chosen = np.flatnonzero(score > self._settings.scrfd_above)
            # Two anchors in every cell.
            row, column = np.divmod(chosen // 2, SCRFD_PIXELS // stride)
            centre = np.column_stack([column, row]) * stride
            distance = distance[chosen]
            result.append(np.column_stack([centre - distance[:, :2], centre + distance[:, 2:], score[chosen]]))
        return np.concatenate(result).astype(np.float32)


class Yunet:
    """YuNet, in OpenCV."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._net: Any = cv2.FaceDetectorYN.create(str(path), "", (320, 320), settings.yunet_above, 0.45, 5000)

    def find(self, picture: NDArray[np.uint8]) -> Found:
        """Find the faces of a BGR picture."""
        self._net.setInputSize((picture.shape[1], picture.shape[0]))
        rows = self._net.detect(picture)[1]
        if rows is None:
            return np.zeros((0, 5), np.float32)
        return np.column_stack([rows[:, :2], rows[:, :2] + rows[:, 2:4], rows[:, 14]]).astype(np.float32)


def _starts(length: int, step: int) -> list[int]:
    count = max(1, -(-(length - SCRFD_PIXELS) // step) + 1)
    return [round(index * max(length - SCRFD_PIXELS, 0) / max(count - 1, 1)) for index in range(count)]


def taught(picture: Labelled, teachers: tuple[Scrfd, Yunet], settings: Settings) -> list[Found]:
    """What each teacher finds in one picture, over all scales."""
    height, width = picture.pixels.shape[:2]
    result = []
    for teacher, scales in zip(teachers, (settings.scrfd_scales, settings.yunet_scales), strict=True):
        found = []
        for scale in scales:
            zoom = min(scale, settings.longest_pixels / max(height, width))
            resized = cv2.resize(picture.pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_LINEAR)
            rows = teacher.find(np.asarray(resized, np.uint8))
            rows[:, :4] /= zoom
            found.append(rows)
        result.append(strongest(np.concatenate(found), settings.nms_overlap))
    return result


def teach(path: Path, teachers: tuple[Scrfd, Yunet], part: Path, settings: Settings) -> None:
    """Ask for every picture of one set; write ``part``: ``found`` (n, 5), its ``picture`` and its ``teacher``."""
    rows, picture_of, teacher_of = [], [], []
    for index, picture in enumerate(tqdm(labelled_pictures(path), desc=path.name, unit=" pictures", mininterval=20)):
        for teacher, found in enumerate(taught(picture, teachers, settings)):
            rows.append(found)
            picture_of += [index] * len(found)
            teacher_of += [teacher] * len(found)
    arrays = {"picture": np.array(picture_of, np.int32), "teacher": np.array(teacher_of, np.uint8)}
    save_arrays(part, arrays | {"found": np.concatenate(rows)})


def main() -> None:
    """Read the arguments and ask."""
    parser = argparse.ArgumentParser(prog="python -m model.detector.teach", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the prepared files of pictures and boxes")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="lists of WIDER FACE, Pascal-VOC folders")
    parser.add_argument("--peers", type=Path, required=True, help="folder with the two teachers' .onnx files")
    parser.add_argument("--out", type=Path, required=True, help="folder to write one .npz per set into")
    arguments = parser.parse_args()
    settings = Settings()
    scrfd, yunet = (arguments.peers / name for name in ("scrfd_2.5g_kps.onnx", "yunet_n_640_640.onnx"))
    for path in (scrfd, yunet):
        if not path.is_file():
            raise DatasetError(f"{path}: not there; a teacher's network, as its authors publish it")
    teachers = (Scrfd(scrfd, settings), Yunet(yunet, settings))
    arguments.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    for path in sets_of(arguments.data, arguments.also):
        if not taught_file(arguments.out, path).exists():
            teach(path, teachers, taught_file(arguments.out, path), settings)


if __name__ == "__main__":
    command.run(main)
