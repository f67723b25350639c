"""How good answers are: accuracy, macro-F1, calibration, confusion; and the one way to write figures down."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.labels import EMOTIONS

Scores = NDArray[np.float32]
Labels = NDArray[np.int64]
BINS = 15


def confusion(truth: Labels, answers: Labels) -> NDArray[np.int64]:
    """Count i64 (7, 7): row the truth, column the answer; truths beyond the seven are left out."""
    seven = truth < len(EMOTIONS)
    table = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(table, (truth[seven], answers[seven]), 1)
    return table


def accuracy(truth: Labels, answers: Labels) -> float:
    """Share of right answers; a truth that no answer can give (contempt) is a miss."""
    return float((truth == answers).mean())


def f1_per_class(truth: Labels, answers: Labels) -> list[float]:
    """F1 of each of the seven emotions; an answer to a truth beyond the seven is a false positive of its class."""
    result = []
    for label in range(len(EMOTIONS)):
        right = int(((truth == label) & (answers == label)).sum())
        total = int((truth == label).sum() + (answers == label).sum())
        result.append(2.0 * right / total if total else 0.0)
    return result


def macro_f1(truth: Labels, answers: Labels) -> float:
    """Mean F1 over the emotions that the truth holds."""
    present = [f1 for label, f1 in enumerate(f1_per_class(truth, answers)) if (truth == label).any()]
    return float(np.mean(present))


def recall_per_class(truth: Labels, answers: Labels) -> dict[str, float | None]:
    """Share of each emotion that was found; None where there is none to find."""
    return {
        name: float((answers[truth == label] == label).mean()) if (truth == label).any() else None
        for label, name in enumerate(EMOTIONS)
    }


def reliability(truth: Labels, scores: Scores) -> list[tuple[float, float, int]]:
    """(mean confidence, accuracy, rows) of each of 15 equal bins of confidence that holds any row."""
    sure, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        (float(sure[bins == index].mean()), float(right[bins == index].mean()), int((bins == index).sum()))
        for index in range(BINS)
        if (bins == index).any()
    ]


def calibration_error(truth: Labels, scores: Scores) -> float:
    """Expected calibration error over 15 bins (Guo et al. 2017)."""
    return float(sum(abs(sure - right) * rows for sure, right, rows in reliability(truth, scores)) / len(truth))


def log_loss(truth: Labels, scores: Scores) -> float:
    """Mean negative logarithm of what the truth was given, over the rows whose truth is one of the seven."""
    seven = truth < len(EMOTIONS)
    given = scores[seven][np.arange(seven.sum()), truth[seven]]
    return float(-np.log(np.maximum(given, 1e-12)).mean())


def write_figures(where: str, result: object, indent: int) -> None:
    """Write figures as JSON into a file; ``-`` is standard output."""
    text = json.dumps(result, indent=indent)
    if where == "-":
        print(text)
    else:
        Path(where).write_text(text + "\n", encoding="utf-8")
