"""Write the table of readings that ``emotiond bench --mood`` draws from: what the network says of faces it never saw.

    python -m model.readings --data DIR

Reads the PublicTest split of FER2013 with its FER+ votes through the daemon's own classifier, and keeps for each true
emotion a sample of the scores in which every reading is as frequent as in the whole split.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS
from emotiond.vision.classifier import load_classifier
from emotiond.vision.sidecar import SHIPPED
from model import command
from model.dataset import PUBLIC_TEST, load_fer2013, majority
from model.reading import read_crops

SAMPLES_PER_EMOTION: Final = 100
SEED: Final = 7
OUT: Final = Path(__file__).parent.parent / "daemon" / "emotiond" / "bench" / "readings.json"


def sample(scores: NDArray[np.float32], count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw ``count`` rows of f32 (n, 7) in which each top class has the share that it has in all."""
    top = scores.argmax(axis=1)
    wish = np.bincount(top, minlength=len(EMOTIONS)) * count / len(top)
    counts = np.floor(wish).astype(int)
    # The largest remainders fill what rounding has left.
    counts[np.argsort(counts - wish)[: count - counts.sum()]] += 1
    rows = [
        rng.choice(np.flatnonzero(top == n), size=number, replace=number > (top == n).sum())
        for n, number in enumerate(counts)
        if number
    ]
    return scores[np.concatenate(rows)]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of FER2013 and FER+")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    data = load_fer2013(arguments.data)
    truth = majority(data.votes)
    rows = np.flatnonzero((data.usage == PUBLIC_TEST) & (truth >= 0) & (truth < len(EMOTIONS)))
    classifier = load_classifier(arguments.model, "auto", 1)
    scores, labels = read_crops(classifier, data.pixels[rows])[0], truth[rows]
    confusion = np.zeros((len(EMOTIONS), len(EMOTIONS)))
    np.add.at(confusion, (labels, scores.argmax(axis=1)), 1.0)
    rng = np.random.default_rng(SEED)
    table = {
        "made_from": f"FER2013 PublicTest, FER+ majority, {len(rows)} faces of the seven emotions",
        "accuracy": round(float((labels == scores.argmax(axis=1)).mean()), 4),
        "unknown_below": classifier.sidecar.unknown_below,
        "reject_above": classifier.sidecar.reject_above,
        "prior": list(classifier.sidecar.prior),
        "prior_power": classifier.sidecar.prior_power,
        "shares": np.round(np.bincount(labels, minlength=len(EMOTIONS)) / len(labels), 4).tolist(),
        "confusion": np.round(confusion / confusion.sum(axis=1, keepdims=True), 4).tolist(),
        "percent": {
            emotion: np.round(100.0 * sample(scores[labels == n], SAMPLES_PER_EMOTION, rng)).astype(int).tolist()
            for n, emotion in enumerate(EMOTIONS)
        },
    }
    lines = [f" {json.dumps(key)}: {_compact(value)}" for key, value in table.items()]
    arguments.out.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{arguments.out}: accuracy {table['accuracy']:.1%} on {table['made_from']}")


def _compact(value: object) -> str:
    if isinstance(value, dict):
        rows = ",\n".join(f"  {json.dumps(key)}: {_compact(entry)}" for key, entry in value.items())
        return "{\n" + rows + "\n }"
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    command.run(main)
