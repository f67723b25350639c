"""Write the sidecar: ``python -m model.detector.calibrate --data FOLDER --tflite FILE``.

The thresholds come from the kept pictures of heads, that of stills with the classifier's word; the square from pairs with Haar's boxes, which are framed as
FER2013 is, on the same pictures and on those of faces.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotiond.records import Frame
from emotiond.vision.finder import Finder
from emotiond.vision.framing import Framing, Square
from emotiond.vision.haar import Haar
from model import command
from model.boxes import Labelled, overlaps
from model.detections import Curve, Floats, Truth, corners, head_curve
from model.detector.network import STRIDES
from model.evaluate_detector import kept_pictures
from model.sidecar import commit, write
from model.stills import CAMERA, Stills

HEADS = ("heads_web.npz", "heads_classroom.npz")
FACES = ("faces_street.npz", "faces_cmu_mit_dev.npz")


@dataclass(frozen=True)
class Settings:
    """What is asked for."""

    #: A detection counts where this share of all that are as sure or surer lies in a head,
    sure_precision: float = 0.93
    #: and may continue a face where this share does.
    weak_precision: float = 0.8
    #: In a still the classifier is asked where this share does,
    asked_precision: float = 0.7
    #: and it counts where, once both were heard, this share does.
    seconded_precision: float = 0.9
    nms_overlap: float = 0.4
    #: From this overlap on, Haar's box and ours are of one face.
    same_overlap: float = 0.4
    #: Scores are looked at from here on.
    weakest: float = 0.05


def calibrate(tflite: Path, data: Path, settings: Settings) -> Framing:
    """Choose every number of the sidecar of ``tflite`` and write it beside the file."""
    framing = Framing("face-detector", STRIDES, 0.5, settings.weakest, settings.nms_overlap)
    write(tflite, framing)
    finder = Finder(tflite, "auto", 1, 0, settings.weakest)
    haar = Haar(1.15, 4, 24)
    truths: list[Truth] = []
    found: list[Floats] = []
    pairs: list[Floats] = []
    for name in HEADS + FACES:
        for picture in tqdm(kept_pictures(data / name), desc=name, unit=" pictures", mininterval=10):
            ours = corners(finder.detect(_still(picture.pixels)))
            pairs.append(_pairs(corners(haar.detect(_still(picture.pixels))), ours, settings.same_overlap))
            if name in HEADS:
                truths.append(_heads(picture))
                found.append(ours)
    curve = head_curve(truths, found)
    chosen = msgspec.structs.replace(
        framing,
        score_above=_score_at(curve, settings.sure_precision),
        weak_above=_score_at(curve, settings.weak_precision),
        asked_above=_score_at(curve, settings.asked_precision),
        seconded_above=0.5,
        square=_square(np.concatenate(pairs)),
        trained_on="SCUT-HEAD, face-mask detection, half of CMU+MIT, crops of FER2013; taught by SCRFD-2.5G and YuNet",
        commit=commit(),
    )
    # The classifier reads the square, so it is asked once that is known.
    write(tflite, chosen)
    both = Stills(tflite, settings.weakest)
    heard = [corners(both.detect(_still(picture.pixels))) for name in HEADS for picture in kept_pictures(data / name)]
    chosen = msgspec.structs.replace(
        chosen, seconded_above=_score_at(head_curve(truths, heard), settings.seconded_precision)
    )
    write(tflite, chosen)
    return chosen


def _still(pixels: NDArray[np.uint8]) -> Frame:
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    return Frame(CAMERA, 0, 0.0, np.ascontiguousarray(gray[:, :, None]), "", still=True)


def _heads(picture: Labelled) -> Truth:
    return Truth(picture.boxes, np.zeros((0, 4)))


def _score_at(curve: Curve, precision: float) -> float:
    score = curve.recall_at_precision(precision)[1]
    return round(float(np.clip(score if score is not None else 0.5, 0.05, 0.95)), 3)


def _pairs(haar: Floats, ours: Floats, least: float) -> Floats:
    """Rows of Haar's box (x0, y0, x1, y1) and ours, where both are of one face."""
    if not len(haar) or not len(ours):
        return np.zeros((0, 8))
    same = overlaps(haar[:, :4], ours[:, :4])
    hit = same.max(axis=1) > least
    return np.concatenate([haar[hit, :4], ours[same.argmax(axis=1)[hit], :4]], axis=1)


def _square(pairs: Floats) -> Square:
    """Return the square that turns our box (now of side one times the root of its area) into Haar's, by medians."""
    theirs, ours = pairs[:, :4], pairs[:, 4:]
    side = theirs[:, 2] - theirs[:, 0]
    move = ((theirs[:, :2] + theirs[:, 2:]) - (ours[:, :2] + ours[:, 2:])) / 2.0 / side[:, None]
    ratio = float(np.median(side / (ours[:, 2] - ours[:, 0])))
    right, down = np.median(move, axis=0)
    return Square(round(ratio, 3), round(float(right), 3), round(float(down), 3))


def main() -> None:
    """Read the arguments and choose."""
    parser = argparse.ArgumentParser(prog="python -m model.detector.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the prepared files of pictures and boxes")
    parser.add_argument("--tflite", type=Path, required=True, help="the network whose sidecar is written")
    arguments = parser.parse_args()
    chosen: dict[str, Any] = msgspec.to_builtins(calibrate(arguments.tflite, arguments.data, Settings()))
    print(json.dumps(chosen, indent=2))


if __name__ == "__main__":
    command.run(main)
