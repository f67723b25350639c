"""Draw the card's pictures: ``python -m model.pictures --figures FIGURES.json --history history.csv --out FOLDER``.

``confusion.png``, ``reliability.png`` and ``learning.png``; readable in black and white.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt

from model import command
from model.labels import EMOTIONS

DOTS_PER_INCH = 110


def confusion_picture(table: list[list[int]], out: Path) -> None:
    """Rows are the truth, columns the answer; each cell says the share of its row in percent."""
    counts = np.array(table, float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    figure, axes = plt.subplots(figsize=(5.6, 5.0), layout="constrained")
    axes.imshow(shares, cmap="Greys", vmin=0, vmax=1)
    for row, column in np.ndindex(shares.shape):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", color=shade)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45, ha="right")
    axes.set_yticks(
        range(len(EMOTIONS)), [f"{name} ({int(n)})" for name, n in zip(EMOTIONS, counts.sum(1), strict=True)]
    )
    axes.set_xlabel("answer (percent of the row)")
    axes.set_ylabel("majority of the raters (faces)")
    figure.savefig(out, dpi=DOTS_PER_INCH)


def reliability_picture(bins: list[list[float]], error: float, out: Path) -> None:
    """Accuracy over confidence; the size of a dot is the share of faces in its bin."""
    sure, right, rows = np.array(bins, float).T
    figure, axes = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfect")
    axes.scatter(sure, right, s=20 + 600 * rows / rows.sum(), color="0.15", zorder=2)
    axes.plot(sure, right, color="0.15", label=f"emotiond, error {error:.3f}")
    axes.set(xlabel="confidence", ylabel="share of right answers", xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="upper left")
    figure.savefig(out, dpi=DOTS_PER_INCH)


def learning_picture(history: Path, out: Path) -> None:
    """Loss and accuracy on PublicTest, epoch by epoch."""
    with history.open(newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    epochs = [row["epoch"] for row in rows]
    figure, loss = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    loss.plot(epochs, [row["loss"] for row in rows], color="0.55", linestyle="--")
    loss.set(xlabel="epoch", ylabel="training loss (dashed)")
    accuracy = loss.twinx()
    accuracy.plot(epochs, [row["public_test_accuracy"] for row in rows], color="0.1")
    accuracy.set_ylabel("accuracy on PublicTest at 48 px (solid)")
    figure.savefig(out, dpi=DOTS_PER_INCH)


def main() -> None:
    """Read the arguments and draw."""
    parser = argparse.ArgumentParser(prog="python -m model.pictures", description=__doc__)
    parser.add_argument("--figures", type=Path, required=True, help="what python -m model.evaluate wrote")
    parser.add_argument("--history", type=Path, required=True, help="history.csv of the training run")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    found: dict[str, Any] = json.loads(arguments.figures.read_text(encoding="utf-8"))
    confusion_picture(found["ferplus_confusion"], arguments.out / "confusion.png")
    reliability_picture(found["reliability"], found["ece"], arguments.out / "reliability.png")
    learning_picture(arguments.history, arguments.out / "learning.png")


if __name__ == "__main__":
    command.run(main)
