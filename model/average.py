"""Average the weights of runs: ``python -m model.average WEIGHTS WEIGHTS --data FOLDER --mined FILE --run FOLDER``.

Runs of a tied network that began from one another lie in one valley of the loss, and between them are weights that serve
as well or better (model soups, Wortsman et al. 2022). What their normalisations meet is measured anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from model import command, dataset, mirror
from model.batches import batches, epoch_rows
from model.checkpoint import Checkpoint, average_of, measure_statistics
from model.recipe import SUREST
from model.rows import emotion_rows, mined_rows
from model.torch_network import as_input, network_from

#: Batches that tell what the normalisations meet, and the seed that draws them.
BATCHES: Final = 150
SEED: Final = 5


def average(weights: Sequence[Path], data_folder: Path, mined: Path, run: Path) -> None:
    """Write the mean of all ``weights`` as ``weights.pt`` of ``run``; raise ``DatasetError`` where they do not fit."""
    data = dataset.load_fer2013(data_folder)
    rows = dataset.training_rows(data)
    network = network_from(weights[0])
    average_of(network, weights)
    partners = mirror.partners_in(network, as_input(data.pixels[rows[: mirror.FACES]]))
    rng = np.random.default_rng(SEED)
    parts = epoch_rows(emotion_rows(data, rows, SUREST.labels), mined_rows(mined), SUREST, rng)
    seen = islice(batches(parts, SUREST, dataset.FACE_PIXELS, rng), BATCHES)
    measure_statistics(network, (batch.faces for batch in seen))
    mirror.tie(network, partners)
    Checkpoint(run, network).finish()


def main() -> None:
    """Read the arguments and average."""
    parser = argparse.ArgumentParser(prog="python -m model.average", description=__doc__)
    parser.add_argument("weights", type=Path, nargs="+", metavar="WEIGHTS", help="weights.pt of a run")
    parser.add_argument("--data", type=Path, required=True, help="folder with fer2013.npz or the two CSV files")
    parser.add_argument("--mined", type=Path, required=True, help="file from python -m model.mine")
    parser.add_argument("--run", type=Path, required=True, help="folder that weights.pt is written into")
    arguments = parser.parse_args()
    average(arguments.weights, arguments.data, arguments.mined, arguments.run)


if __name__ == "__main__":
    command.run(main)
