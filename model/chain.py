"""Does the chain hold? ``python -m model.chain --data FOLDER --json OUT``: test crops, set into scenes, through the pipeline.

Crops of FER+ (PrivateTest) and CK+ stand as faces of a known size in generated scenes and take the way of a picture:
detector, crop, network. What is read there stands beside what the network reads in the bare crop. A wrong crop, swapped
channels or boxes that drift show here and nowhere else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotiond import parts
from emotiond.pipeline import Pipeline
from emotiond.records import Box, FaceMood, Frame
from emotiond.vision.association import overlaps
from emotiond.vision.classifier import Classifier
from model import command, dataset
from model.figures import write_figures
from model.labels import EMOTIONS
from model.reading import read_crops
from model.stills import CAMERA, config_of


@dataclass(frozen=True)
class Settings:
    """The scenes."""

    sizes: tuple[int, ...] = (24, 32, 48, 64, 96, 128, 160)
    width: int = 1280
    height: int = 720
    #: Room for each face, and the strip in which it fades into the wall, in sides of the face.
    pitch: float = 1.8
    fade: float = 0.25
    found_overlap: float = 0.3
    #: How far a box is moved, in sides.
    move: float = 0.1
    seed: int = 5


def scenes(
    crops: NDArray[np.uint8], side: int, settings: Settings
) -> Iterator[tuple[NDArray[np.uint8], list[Box], slice]]:
    """Set crops u8 (n, h, w) into pictures u8 (h, w, 3): yield each with the true boxes and which crops they are."""
    rng = np.random.default_rng(settings.seed + side)
    pitch = max(round(settings.pitch * side), side + 8)
    columns, rows = settings.width // pitch, settings.height // pitch
    for start in range(0, len(crops), columns * rows):
        part = slice(start, min(start + columns * rows, len(crops)))
        canvas = _wall(settings)
        boxes = []
        for index, crop in enumerate(crops[part]):
            slack = (pitch - side) // 4
            left = index % columns * pitch + (pitch - side) // 2 + int(rng.integers(-slack, slack + 1))
            top = index // columns * pitch + (pitch - side) // 2 + int(rng.integers(-slack, slack + 1))
            _paste(canvas, crop, left, top, side, round(settings.fade * side))
            boxes.append(Box(float(left), float(top), float(side), float(side)))
        picture = np.clip(canvas + rng.normal(0.0, 1.5, canvas.shape), 0, 255).astype(np.uint8)
        yield np.ascontiguousarray(np.repeat(picture[:, :, None], 3, axis=2)), boxes, part


def through(pipeline: Pipeline, picture: NDArray[np.uint8], boxes: list[Box], least: float) -> list[FaceMood | None]:
    """Send a picture through the pipeline; return the face at each of ``boxes``, None where none was found."""
    scene = pipeline.process(Frame(CAMERA, 0, 0.0, picture, "scene", still=True))
    if not scene.faces:
        return [None] * len(boxes)
    same = overlaps(np.array(boxes, np.float64), np.array([face.face.box for face in scene.faces], np.float64))
    return [scene.faces[int(row.argmax())] if row.max() >= least else None for row in same]


def measure(
    pipeline: Pipeline, classifier: Classifier, crops: dataset.Crops, side: int, settings: Settings
) -> dict[str, Any]:
    """Return the figures of one size."""
    truth = crops.label.astype(np.int64)
    bare = read_crops(classifier, crops.pixels)[0].argmax(axis=1) == truth
    found, kept, right = (np.zeros(len(truth), np.bool_) for _ in range(3))
    straight, moved = [], []
    for picture, boxes, part in scenes(crops.pixels, side, settings):
        answers = through(pipeline, picture, boxes, settings.found_overlap)
        found[part] = [face is not None for face in answers]
        kept[part] = [face is not None and not face.rejected for face in answers]
        right[part] = [
            face is not None and not face.rejected and int(face.mood.scores.argmax()) == wanted
            for face, wanted in zip(answers, truth[part], strict=True)
        ]
        frame = Frame(CAMERA, 0, 0.0, picture, "scene", still=True)
        straight.append(_right(classifier, frame, boxes, truth[part]))
        step = settings.move * side
        for across, down in ((step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)):
            aside = [Box(box.x + across, box.y + down, box.width, box.height) for box in boxes]
            moved.append(_right(classifier, frame, aside, truth[part]))
    return {
        "crops": len(truth),
        "bare_accuracy": float(bare.mean()),
        "found": float(found.mean()),
        "kept": float(kept.mean()),
        "accuracy": float(right.mean()),
        "accuracy_of_kept": float(right[kept].mean()) if kept.any() else 0.0,
        "bare_accuracy_of_kept": float(bare[kept].mean()) if kept.any() else 0.0,
        "true_box_accuracy": float(np.concatenate(straight).mean()),
        "moved_box_accuracy": float(np.concatenate(moved).mean()),
    }


def test_crops(data: Path, limit: int) -> dict[str, dataset.Crops]:
    """Load the test crops of FER+ and CK+, ``limit`` of each spread evenly; 0 takes all."""
    fer = dataset.load_fer2013(data)
    truth = dataset.majority(fer.votes)
    rows = (fer.usage == dataset.PRIVATE_TEST) & (truth >= 0)
    sets = {"ferplus": dataset.Crops(fer.pixels[rows], truth[rows].astype(np.uint8))}
    if (data / "ckplus.npz").is_file():
        loaded = dataset.load_crops(data / "ckplus.npz")
        seven = loaded.label < len(EMOTIONS)
        sets["ckplus"] = dataset.Crops(loaded.pixels[seven], loaded.label[seven])
    return {name: _spread(crops, limit) for name, crops in sets.items()}


def table(result: dict[str, dict[str, Any]]) -> str:
    """Write the figures as a table that people read."""
    columns = ("crops", "bare_accuracy", "found", "kept", "accuracy", "accuracy_of_kept", "moved_box_accuracy")
    lines = [f"{'set':8} {'side':>5} " + " ".join(f"{column:>18}" for column in columns)]
    for name, by_size in result.items():
        for side, row in by_size.items():
            cells = " ".join(
                f"{row[column]:18.3f}" if column != "crops" else f"{row[column]:18d}" for column in columns
            )
            lines.append(f"{name:8} {side:>5} {cells}")
    return "\n".join(lines)


def _right(classifier: Classifier, frame: Frame, boxes: list[Box], truth: NDArray[np.int64]) -> NDArray[np.bool_]:
    answers = [int(reading.scores.argmax()) for reading in classifier.read(frame, boxes)]
    return np.asarray(np.array(answers) == truth, np.bool_)


def _spread(crops: dataset.Crops, limit: int) -> dataset.Crops:
    if not limit or limit >= len(crops.label):
        return crops
    rows = np.linspace(0, len(crops.label) - 1, limit).round().astype(int)
    return dataset.Crops(crops.pixels[rows], crops.label[rows])


def _wall(settings: Settings) -> NDArray[np.float32]:
    down = np.linspace(150, 110, settings.height, dtype=np.float32)[:, None]
    across = np.linspace(-12, 12, settings.width, dtype=np.float32)[None, :]
    return down + across


def _paste(canvas: NDArray[np.float32], crop: NDArray[np.uint8], left: int, top: int, side: int, fade: int) -> None:
    how = cv2.INTER_AREA if side < crop.shape[0] else cv2.INTER_CUBIC
    face = np.asarray(cv2.resize(crop, (side, side), interpolation=how), np.float32)
    face = np.pad(face, fade, mode="edge")
    ramp = np.minimum(np.arange(1, side + 2 * fade + 1), np.arange(side + 2 * fade, 0, -1)) / (fade + 1.0)
    alpha = np.clip(np.minimum(ramp[:, None], ramp[None, :]), 0.0, 1.0).astype(np.float32)
    y0, x0 = max(top - fade, 0), max(left - fade, 0)
    y1, x1 = min(top + side + fade, canvas.shape[0]), min(left + side + fade, canvas.shape[1])
    part = (slice(y0 - top + fade, y1 - top + fade), slice(x0 - left + fade, x1 - left + fade))
    under = canvas[y0:y1, x0:x1]
    under += alpha[part] * (face[part] - under)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m model.chain", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with fer2013 and, if there, ckplus.npz")
    parser.add_argument("--json", required=True, metavar="OUT", help="file for all figures; - is standard output")
    parser.add_argument(
        "--kind", choices=("network", "haar"), default="network", help="detector (default: %(default)s)"
    )
    parser.add_argument("--model", type=Path, help="the detector's .tflite (default: the one that ships)")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="crops of each set (default: all)")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(Settings.sizes), help="sides of the faces in pixels"
    )
    arguments = parser.parse_args()
    settings = Settings()
    config = config_of(arguments.model, arguments.kind)
    pipeline, classifier = parts.pipeline(config), parts.classifier(config)
    result = {
        name: {
            str(side): {
                key: round(value, 4) for key, value in measure(pipeline, classifier, crops, side, settings).items()
            }
            for side in tqdm(arguments.sizes, desc=name, unit=" sizes")
        }
        for name, crops in test_crops(arguments.data, arguments.limit).items()
    }
    print(table(result), file=sys.stderr)
    write_figures(arguments.json, result, indent=1)


if __name__ == "__main__":
    command.run(main)
