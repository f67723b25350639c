"""Write the sidecar: ``python -m model.calibrate --data FOLDER --mined FILE --tflite FILE``.

Temperature, prior and thresholds are chosen on FER+ PublicTest and on mined crops of the training pictures; the test
split and the measured pictures play no part in it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.quality import EVERYTHING
from emotiond.vision.sidecar import Input, SecondOpinion, Sidecar
from model import command, dataset, figures
from model.labels import EMOTIONS, OUTPUTS
from model.mined import TRAINED_ON, load_mined
from model.reading import columns, outputs_of, read_crops
from model.sidecar import commit, write


@dataclass(frozen=True)
class Settings:
    """What is tried, and what is asked for."""

    temperatures: tuple[float, ...] = tuple(round(0.6 + 0.04 * step, 2) for step in range(26))
    prior_powers: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    #: Share of faces that may be lost to "not a face"; of others, not learned by heart, four times as many.
    faces_lost: float = 0.0075
    #: Below the threshold of `unknown`, at least this share of answers would be wrong.
    wrong_when_unknown: float = 0.5
    min_face_pixels: float = 14.0
    #: Chosen on the detector's kept pictures, ``in_favour`` also on some that it was trained on; the model card has the figures.
    second_opinion: SecondOpinion = field(default_factory=lambda: SecondOpinion(against=0.02, in_favour=0.12, most=6.0))


def sidecar_of(**fields: Any) -> Sidecar:
    """Return a sidecar of this network with ``fields`` set."""
    contract = Input(height_pixels=dataset.FACE_PIXELS, width_pixels=dataset.FACE_PIXELS, channels=1, scale=1.0 / 255.0)
    return Sidecar(schema=1, input=contract, labels=OUTPUTS, output="logits", **fields)


def training_prior(data: dataset.Fer2013) -> tuple[float, ...]:
    """Share of each emotion among the votes of the training rows."""
    target, weight = dataset.vote_targets(data.votes[dataset.training_rows(data)])
    shares = (target * weight[:, None]).sum(axis=0)[: len(EMOTIONS)]
    return tuple(round(float(share), 5) for share in shares / shares.sum())


def calibrate(tflite: Path, data: dataset.Fer2013, mined: Path | None, settings: Settings) -> Sidecar:
    """Choose every number of the sidecar of ``tflite`` and write it beside the file."""
    prior = training_prior(data)
    votes = data.votes[data.usage == dataset.PUBLIC_TEST]
    truth = dataset.majority(votes)
    used = truth >= 0
    faces, truth = data.pixels[data.usage == dataset.PUBLIC_TEST][used], truth[used]
    chosen: dict[str, Any] = {"prior": prior}
    write(tflite, sidecar_of())
    loaded = load_classifier(tflite, "auto", 1)
    # The network is asked once; what its answers mean is the sidecar's.
    outputs = outputs_of(loaded, faces)

    def classifier(**fields: Any) -> Classifier:
        return Classifier(tflite, sidecar_of(**{**chosen, **fields}), loaded.engines, loaded.runtime, EVERYTHING)

    def scores(**fields: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return columns(classifier(**fields).readings_of(outputs))

    def best_temperature(power: float) -> float:
        errors = {
            temperature: figures.calibration_error(truth, scores(prior_power=power, temperature=temperature)[0])
            for temperature in settings.temperatures
        }
        return min(errors, key=lambda temperature: errors[temperature])

    # Each power with its own temperature: sharpened scores take less of a prior out.
    temperatures = {power: best_temperature(power) for power in settings.prior_powers}
    tables = {power: scores(prior_power=power, temperature=best)[0] for power, best in temperatures.items()}
    chosen["prior_power"] = _best_power(tables, truth)
    chosen["temperature"] = temperatures[chosen["prior_power"]]
    sure, not_a_face = scores()
    chosen["unknown_below"] = _unknown_threshold(sure, truth, settings)
    if mined is not None:
        crops = load_mined(mined)
        # Smaller faces are not read at all.
        readable = crops.is_face() & (crops.split == TRAINED_ON) & (crops.size >= settings.min_face_pixels)
        more = read_crops(classifier(), crops.take(readable).boxes())[1]
        limits = [float(np.quantile(part, 1.0 - settings.faces_lost)) for part in (not_a_face, more)]
        chosen["reject_above"] = round(max(*limits, 0.02), 3)
        chosen["second_opinion"] = settings.second_opinion
    chosen["min_face_pixels"] = settings.min_face_pixels
    chosen["training"] = {"commit": commit(), "data": "FER2013 with FER+ votes, Training split without twins"}
    sidecar = sidecar_of(**chosen)
    write(tflite, sidecar)
    return sidecar


def _best_power(scores: dict[float, NDArray[np.float32]], truth: NDArray[np.int64]) -> float:
    """The power under which the truth is likeliest: accuracy and macro-F1 move with it by less than by chance."""
    return min(scores, key=lambda power: figures.log_loss(truth, scores[power]))


def _unknown_threshold(scores: NDArray[np.float32], truth: NDArray[np.int64], settings: Settings) -> float:
    """The confidence up to which at least the given share of the answers is wrong in every window of 0.05.

    The first window that is better ends the search: a later one that is worse again is chance.
    """
    sure, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    threshold = 0.0
    for low in np.arange(0.2, 0.7, 0.01):
        window = (sure >= low) & (sure < low + 0.05)
        if window.sum() < 15:
            continue
        if 1.0 - right[window].mean() < settings.wrong_when_unknown:
            break
        threshold = low + 0.05
    return round(float(threshold), 2)


def main() -> None:
    """Read the arguments and calibrate."""
    parser = argparse.ArgumentParser(prog="python -m model.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with FER2013 and its FER+ votes")
    parser.add_argument("--plain", action="store_true", help="write a sidecar that changes nothing in the answers")
    parser.add_argument("--mined", type=Path, help="file from python -m model.mine")
    parser.add_argument("--tflite", type=Path, required=True, help="the network; its sidecar is written beside it")
    arguments = parser.parse_args()
    if arguments.plain:
        sidecar = sidecar_of()
        write(arguments.tflite, sidecar)
    elif arguments.data is None:
        parser.error("needs --data or --plain")
    else:
        sidecar = calibrate(arguments.tflite, dataset.load_fer2013(arguments.data), arguments.mined, Settings())
    print(msgspec.json.format(msgspec.json.encode(sidecar), indent=2).decode())


if __name__ == "__main__":
    command.run(main)
