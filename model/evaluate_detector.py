"""Measure the detectors side by side: ``python -m model.evaluate_detector --data FOLDER --json OUT``.

Haar, YuNet and ours on the development sets, at two settings: ``still`` is what ``emotiond analyze`` gives for pictures,
one pass at full size, the classifier heard too, and beside it our detector alone; ``frame`` is what a camera's frames get,
the setting that is timed. Times are taken in turns.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotiond.records import Face, Frame
from emotiond.vision.finder import Finder
from emotiond.vision.framing import SHIPPED
from emotiond.vision.haar import Haar
from emotiond.vision.yunet import YuNet
from model import command
from model.boxes import Labelled, labelled_pictures
from model.dataset import DatasetError
from model.detections import Curve, Floats, Truth, corners, face_curve, head_curve
from model.detector import truth
from model.figures import write_figures
from model.stills import CAMERA, Stills

STILL, FRAME = "still", "frame"
#: In place of a number of pictures: those that our detector has not been trained on.
KEPT = -1
#: As the table has them; ``alone`` is our detector where nobody asks the classifier.
COLUMNS: Final = ("haar", "yunet", "ours", "alone")


@dataclass(frozen=True)
class Set:
    """One development set and the figures that are told of it."""

    name: str
    file: str
    curve: Callable[[list[Truth], list[Floats]], Curve]
    figures: Callable[[Curve], dict[str, float | None]]
    #: Labels of the boxes that count; the others are ignored. Empty counts all.
    counted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """How the peers run, and how times are taken."""

    #: (scale factor, neighbours, smallest side) of Haar, on pictures and on timed frames.
    haar_still: tuple[float, int, int] = (1.1, 5, 20)
    haar_frame: tuple[float, int, int] = (1.2, 5, 30)
    weakest: float = 0.1
    threads: int = 2
    rounds: int = 30
    frame_pixels: tuple[int, int] = (1280, 720)


@dataclass
class Tally:
    """What one detector found in the pictures of one set."""

    found: list[Floats] = field(default_factory=list)
    seconds: float = 0.0


def _of_heads(curve: Curve) -> dict[str, float | None]:
    recall, score = curve.recall_at_precision(0.9)
    return {"recall_at_90_precision": recall, "at_score": score}


SETS = (
    Set("web", "heads_web.npz", head_curve, _of_heads),
    Set("classroom", "heads_classroom.npz", head_curve, _of_heads),
    Set(
        "street",
        "faces_street.npz",
        face_curve,
        lambda c: {"average_precision": c.average_precision()},
        ("without_mask",),
    ),
    Set(
        "cmu_mit",
        "faces_cmu_mit_dev.npz",
        face_curve,
        lambda c: {"recall_at_10_false": c.recall_at_false_positives(10)},
    ),
)


class Detects(Protocol):
    """Finds faces."""

    def detect(self, frame: Frame) -> list[Face]:
        """Return the faces of ``frame``."""


def detectors(setting: str, model: Path, peers: Path, settings: Settings) -> dict[str, Detects]:
    """Build Haar, YuNet where its file is there, and ours where it is."""
    scale, neighbours, smallest = settings.haar_still if setting == STILL else settings.haar_frame
    built: dict[str, Detects] = {"haar": Haar(scale, neighbours, smallest)}
    if (peers / "yunet_n_640_640.onnx").is_file():
        built["yunet"] = YuNet(peers / "yunet_n_640_640.onnx", 0, settings.weakest)
    if model.is_file():
        alone = Finder(model, "auto", settings.threads, 0, settings.weakest)
        built |= {"ours": Stills(model, settings.weakest), "alone": alone} if setting == STILL else {"ours": alone}
    return built


def measure(chosen: Set, path: Path, built: dict[str, Detects], setting: str, limit: int) -> dict[str, Any]:
    """Score every detector on one set, on ``limit`` pictures spread evenly over it, or on those ``KEPT`` from training."""
    pictures = kept_pictures(path) if limit == KEPT else _spread(path, limit)
    truths, tallies = [], {name: Tally() for name in built}
    for picture in tqdm(pictures, desc=f"{chosen.name}, {setting}", unit=" pictures", mininterval=10):
        truths.append(_truth(picture, chosen.counted))
        frame = Frame(CAMERA, 0, 0.0, picture.pixels, picture.name, still=setting == STILL)
        for name, detector in built.items():
            began = time.perf_counter()
            faces = detector.detect(frame)
            tallies[name].seconds += time.perf_counter() - began
            # As `emotiond analyze` writes them: no box reaches past the picture.
            tallies[name].found.append(
                corners([Face(face.box.inside(frame.width, frame.height), face.score) for face in faces])
            )
    result: dict[str, Any] = {"pictures": len(truths), "boxes": sum(len(truth.boxes) for truth in truths)}
    for name, tally in tallies.items():
        curve = chosen.curve(truths, tally.found)
        told = {key: _rounded(value) for key, value in chosen.figures(curve).items()}
        result[name] = {**told, "curve": _thinned(curve), "seconds_per_picture": _rounded(tally.seconds / len(truths))}
    return result


def times(built: dict[str, Detects], picture: NDArray[np.uint8], settings: Settings) -> dict[str, Any]:
    """Time each detector on one gray frame, in turns; the ratios are the medians over the rounds."""
    gray = cv2.cvtColor(cv2.resize(picture, settings.frame_pixels, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    frame = Frame(CAMERA, 0, 0.0, np.ascontiguousarray(gray[:, :, None], np.uint8), "frame")
    taken: dict[str, list[float]] = {name: [] for name in built}
    for detector in built.values():
        detector.detect(frame)
    for _ in range(settings.rounds):
        for name, detector in built.items():
            began = time.perf_counter()
            detector.detect(frame)
            taken[name].append(time.perf_counter() - began)
    result: dict[str, Any] = {"threads": settings.threads, "rounds": settings.rounds}
    result["milliseconds"] = {name: _rounded(1e3 * float(np.median(spent))) for name, spent in taken.items()}
    for name in [name for name in ("haar", "yunet") if name in taken and "ours" in taken]:
        result[f"ours_to_{name}"] = _rounded(float(np.median(np.array(taken["ours"]) / np.array(taken[name]))))
    ours = built.get("ours")
    if isinstance(ours, Finder):
        view = ours.view(frame)
        result["input"] = [view.width, view.height]
    return result


def table(result: dict[str, Any]) -> str:
    """Write the figures as a table that people read."""
    lines = [f"{'set':10} {'setting':8} {'figure':24} {'haar':>8} {'yunet':>8} {'ours':>8} {'alone':>8}"]
    for name, by_setting in result["sets"].items():
        for setting, found in by_setting.items():
            figure = next(key for key in found["haar"] if key.startswith(("recall", "average")))
            cells = [f"{found[who][figure]:8.3f}" if who in found else f"{'-':>8}" for who in COLUMNS]
            lines.append(f"{name:10} {setting:8} {figure:24} {' '.join(cells)}")
    spent = result["times"]
    cells = [f"{spent['milliseconds'].get(who, float('nan')):8.1f}" for who in ("haar", "yunet", "ours")]
    lines.append(f"{'720p':10} {'frame':8} {'milliseconds':24} {' '.join(cells)}")
    lines += [f"{key}: {value}" for key, value in spent.items() if key.startswith("ours_to")]
    return "\n".join(lines)


def kept_pictures(path: Path) -> list[Labelled]:
    """Return the pictures of one set that take no part in training."""
    every = truth.Settings().measured_every
    return [picture for index, picture in enumerate(labelled_pictures(path)) if index % every == 0]


def _spread(path: Path, limit: int) -> list[Labelled]:
    pictures = list(labelled_pictures(path))
    if not limit or limit >= len(pictures):
        return pictures
    return [pictures[index] for index in np.linspace(0, len(pictures) - 1, limit).round().astype(int)]


def _truth(picture: Labelled, counted: tuple[str, ...]) -> Truth:
    counts = np.array([not counted or label in counted for label in picture.labels], np.bool_)
    return Truth(picture.boxes[counts], picture.boxes[~counts])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _thinned(curve: Curve, points: int = 200) -> list[list[float]]:
    """Return (recall, precision, score) at some of the thresholds."""
    cuts = curve.thresholds()
    some = cuts[np.unique(np.linspace(0, len(cuts) - 1, points).round().astype(int))] if len(cuts) else cuts
    rows = np.column_stack([curve.recall()[some], curve.precision()[some], curve.score[some]])
    return [[round(float(value), 4) for value in row] for row in rows]


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m model.evaluate_detector", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the development sets, and peers/ in it")
    parser.add_argument("--json", required=True, metavar="OUT", help="file for all figures; - is standard output")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="our .tflite (default: the one that ships)")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="pictures of each set (default: all)")
    parser.add_argument("--kept", action="store_true", help="only the pictures that ours was not trained on")
    parser.add_argument("--sets", nargs="+", choices=[one.name for one in SETS], default=[one.name for one in SETS])
    parser.add_argument("--settings", nargs="+", choices=(STILL, FRAME), default=[STILL, FRAME])
    parser.add_argument("--rounds", type=int, default=Settings.rounds, help="rounds of timing (default: %(default)s)")
    parser.add_argument("--curves", type=Path, metavar="FOLDER", help="draw precision-recall curves; needs matplotlib")
    arguments = parser.parse_args()
    settings = Settings(rounds=arguments.rounds)
    limit = KEPT if arguments.kept else arguments.limit
    cv2.setNumThreads(settings.threads)
    peers = arguments.data / "peers"
    result: dict[str, Any] = {"model": arguments.model.name, "limit": limit, "sets": {}}
    chosen = [one for one in SETS if one.name in arguments.sets and (arguments.data / one.file).is_file()]
    if not chosen:
        raise DatasetError(f"{arguments.data}: holds none of {', '.join(one.file for one in SETS)}")
    for setting in arguments.settings:
        built = detectors(setting, arguments.model, peers, settings)
        for one in chosen:
            found = measure(one, arguments.data / one.file, built, setting, limit)
            result["sets"].setdefault(one.name, {})[setting] = found
    sample = _spread(arguments.data / chosen[0].file, 1)[0].pixels
    result["times"] = times(detectors(FRAME, arguments.model, peers, settings), sample, settings)
    print(table(result), file=sys.stderr)
    write_figures(arguments.json, result, indent=1)
    if arguments.curves:
        from model.curves import draw

        arguments.curves.mkdir(parents=True, exist_ok=True)
        draw(result["sets"], arguments.curves)


if __name__ == "__main__":
    command.run(main)
