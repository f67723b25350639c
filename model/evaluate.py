"""Measure the network that ships: ``python -m model.evaluate --data FOLDER --json OUT`` (``-`` is standard output).

Every figure is taken from the ``.tflite`` through the device's own preprocessing and sidecar. With ``--crops FILE.npz``
any labelled face crops are measured instead.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.sidecar import SHIPPED, load_sidecar
from model import command, dataset, figures
from model.labels import EMOTIONS
from model.mined import HAAR_FACE, HAAR_FALSE, MEASURED, OUR_FACE, OUR_FALSE, load_mined
from model.network import Shape, multiply_adds
from model.reading import read_crops
from model.sidecar import write

WEIGHTS = Path(__file__).parent / "weights"
Figures = dict[str, Any]
#: What the sidecar repeats of the figures.
HEADLINES = (
    "ferplus_accuracy",
    "ferplus_macro_f1",
    "ece",
    "ckplus_accuracy",
    "ckplus_accuracy_equal_classes",
    "rejected_false_detections",
    "lost_true_faces",
    "rejected_false_detections_of_ours",
    "lost_true_faces_of_ours",
    "known_coverage",
    "known_accuracy",
)


def ferplus_figures(classifier: Classifier, data: dataset.Fer2013, usage: int = dataset.PRIVATE_TEST) -> Figures:
    """FER+ by the eight-class majority protocol, contempt counted as a miss."""
    truth = dataset.majority(data.votes)
    rows = (data.usage == usage) & (truth >= 0)
    truth = truth[rows]
    scores, not_a_face = read_crops(classifier, data.pixels[rows])
    answers = scores.argmax(axis=1)
    known = scores.max(axis=1) >= classifier.sidecar.unknown_below
    agreed = dataset.absolute_majority(data.votes)[rows] >= 0
    return {
        "ferplus_accuracy": figures.accuracy(truth, answers),
        "ferplus_accuracy_absolute_majority": figures.accuracy(truth[agreed], answers[agreed]),
        "ferplus_rows_absolute_majority": int(agreed.sum()),
        "ferplus_macro_f1": figures.macro_f1(truth, answers),
        "ferplus_rows": len(truth),
        "ferplus_f1": dict(zip(EMOTIONS, figures.f1_per_class(truth, answers), strict=True)),
        "ferplus_recall": figures.recall_per_class(truth, answers),
        "ferplus_confusion": figures.confusion(truth, answers).tolist(),
        "ece": figures.calibration_error(truth, scores),
        "reliability": figures.reliability(truth, scores),
        "known_coverage": float(known.mean()),
        "known_accuracy": figures.accuracy(truth[known], answers[known]),
        "ferplus_faces_lost": float((not_a_face > classifier.sidecar.reject_above).mean()),
    }


def fer2013_figures(classifier: Classifier, data: dataset.Fer2013, name: str) -> Figures:
    """The original labels on PrivateTest, under ``name``."""
    rows = data.usage == dataset.PRIVATE_TEST
    scores, _ = read_crops(classifier, data.pixels[rows])
    return {name: figures.accuracy(data.emotion[rows].astype(np.int64), scores.argmax(axis=1))}


def ckplus_figures(classifier: Classifier, path: Path) -> Figures:
    """CK+, never trained on, as shipped and with the class prior taken out; all seven answers allowed."""
    crops = dataset.load_crops(path)
    rows = crops.label < len(EMOTIONS)
    truth = crops.label[rows].astype(np.int64)
    scores, _ = read_crops(classifier, crops.pixels[rows])
    # What is left of the prior after the shipped power has taken its part.
    rest = np.array(classifier.sidecar.prior or np.ones(len(EMOTIONS))) ** (classifier.sidecar.prior_power - 1.0)
    equal = (scores * rest).argmax(axis=1)
    return {
        "ckplus_accuracy": figures.accuracy(truth, scores.argmax(axis=1)),
        "ckplus_accuracy_equal_classes": figures.accuracy(truth, equal),
        "ckplus_rows": len(truth),
        "ckplus_recall": figures.recall_per_class(truth, scores.argmax(axis=1)),
        "ckplus_recall_equal_classes": figures.recall_per_class(truth, equal),
    }


def rejection_figures(classifier: Classifier, mined: Path) -> Figures:
    """What Haar and our detector find in the measured pictures: false ones rejected against true ones lost."""
    found = load_mined(mined)
    # What is smaller than the network reads is never asked of it.
    found = found.take((found.split == MEASURED) & (found.size >= classifier.sidecar.min_face_pixels))
    kind, crops = found.kind, found.boxes()
    limit = classifier.sidecar.reject_above
    result: Figures = {}
    for suffix, kinds in (("", (HAAR_FALSE, HAAR_FACE)), ("_of_ours", (OUR_FALSE, OUR_FACE))):
        false, true = (read_crops(classifier, crops[kind == wanted])[1] for wanted in kinds)
        result |= {
            f"rejected_false_detections{suffix}": float((false > limit).mean()),
            f"lost_true_faces{suffix}": float((true > limit).mean()),
            f"false_detections{suffix}": len(false),
            f"true_faces{suffix}": len(true),
            # The other points of the same curve.
            f"rejected_at_lost{suffix}": {
                f"{share:.2f}": float((false > np.quantile(true, 1.0 - share)).mean())
                for share in (0.01, 0.02, 0.03, 0.05)
            },
        }
    return result


def keras_gap(classifier: Classifier, keras_file: Path, data: dataset.Fer2013) -> float | None:
    """FER+ accuracy of the Keras file less that of the TFLite file, in points; None where Keras is not installed."""
    if importlib.util.find_spec("tensorflow") is None:
        return None
    import keras

    truth = dataset.majority(data.votes)
    rows = (data.usage == dataset.PRIVATE_TEST) & (truth >= 0)
    model = keras.models.load_model(keras_file, compile=False)
    logits = model.predict(data.pixels[rows][..., None].astype(np.float32) / 255.0, batch_size=256, verbose=0)
    answers = np.stack([reading.scores for reading in classifier.readings_of(logits)]).argmax(axis=1)
    ours = read_crops(classifier, data.pixels[rows])[0].argmax(axis=1)
    return 100.0 * (figures.accuracy(truth[rows], answers) - figures.accuracy(truth[rows], ours))


def crop_figures(classifier: Classifier, path: Path) -> Figures:
    """Any labelled crops; rows whose label is none of the seven are left out."""
    crops = dataset.load_crops(path)
    rows = crops.label < len(EMOTIONS)
    truth = crops.label[rows].astype(np.int64)
    answers = read_crops(classifier, crops.pixels[rows])[0].argmax(axis=1)
    return {
        "accuracy": figures.accuracy(truth, answers),
        "macro_f1": figures.macro_f1(truth, answers),
        "recall": figures.recall_per_class(truth, answers),
        "rows": len(truth),
    }


def all_figures(model: Path, data_folder: Path, mined: Path | None) -> Figures:
    """Everything that the model card states."""
    classifier = load_classifier(model, "auto", 1)
    data = dataset.load_fer2013(data_folder)
    result = ferplus_figures(classifier, data)
    result |= fer2013_figures(classifier, data, "fer2013_accuracy_as_shipped")
    second = WEIGHTS / "fer2013.tflite"
    if second.exists():
        result |= fer2013_figures(load_classifier(second, "auto", 1), data, "fer2013_accuracy")
    if (data_folder / "ckplus.npz").exists():
        result |= ckplus_figures(classifier, data_folder / "ckplus.npz")
    if mined is not None:
        result |= rejection_figures(classifier, mined)
    result["keras_tflite_gap"] = keras_gap(classifier, WEIGHTS / "emotion.keras", data)
    result["tflite_bytes"] = model.stat().st_size
    result["macs"] = multiply_adds(Shape(), dataset.FACE_PIXELS)
    return result


def record(model: Path, found: Figures) -> None:
    """Write the headline figures into the sidecar of ``model``."""
    headlines = {name: round(found[name], 4) for name in HEADLINES if found.get(name) is not None}
    write(model, msgspec.structs.replace(load_sidecar(model), figures=headlines))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m model.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with FER2013, its FER+ votes, and ckplus.npz")
    parser.add_argument("--crops", type=Path, help="an .npz of `pixels` u8 (n, h, w) and `label` in FER order")
    parser.add_argument("--mined", type=Path, help="file from python -m model.mine")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="another .tflite with its sidecar")
    parser.add_argument("--record", action="store_true", help="also write the headline figures into the sidecar")
    parser.add_argument("--json", required=True, metavar="OUT", help="where to write the figures; - is standard output")
    arguments = parser.parse_args()
    if arguments.crops is not None:
        result = crop_figures(load_classifier(arguments.model, "auto", 1), arguments.crops)
    elif arguments.data is not None:
        result = all_figures(arguments.model, arguments.data, arguments.mined)
        if arguments.record:
            record(arguments.model, result)
    else:
        parser.error("needs --data or --crops")
    figures.write_figures(arguments.json, msgspec.to_builtins(result), indent=2)


if __name__ == "__main__":
    command.run(main)
