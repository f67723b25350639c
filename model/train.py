"""Train the emotion network: ``python -m model.train --data FOLDER --run FOLDER``; the same command resumes.

Each epoch ends with a checkpoint. The run's folder then holds ``checkpoint.pt`` and ``history.csv``, and at the end
``weights.pt``: the averaged weights that ``python -m model.convert`` turns into Keras and TFLite. ``--stage`` says which
of the recipe's stages is meant: ``first``, ``again`` (the same disturbances at full size, and faces laid over each
other), ``polish`` (milder ones: a network this small cannot fit the strong ones to the end), ``teacher`` (a larger
network), ``pupil``, which learns from ``--teachers`` beside the raters, ``surer``, which does so with more of what is no
face, or, tied to its mirror image, ``mirror``, ``walk``, ``tied`` and ``surest`` (``recipe.py`` says what each is for).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from model import command, dataset, mirror
from model.batches import batches, epoch_rows
from model.checkpoint import Checkpoint, average_into, decayed_and_free, measure_statistics, start_from
from model.doubt import in_doubt
from model.loss import heard, mixed_loss
from model.recipe import STAGES, Settings
from model.rows import NOT_A_FACE, emotion_rows, mined_rows
from model.teachers import Teacher
from model.torch_network import TorchNetwork, as_input, logits_of


def learning_rate(settings: Settings, epoch: float) -> float:
    """Linear warm-up, then half a cosine down to nothing, or steady."""
    if epoch < settings.warm_up_epochs:
        return settings.learning_rate * (epoch + 0.05) / settings.warm_up_epochs
    if settings.steady:
        return settings.learning_rate
    share = (epoch - settings.warm_up_epochs) / (settings.epochs - settings.warm_up_epochs)
    return settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))


def public_test(data: dataset.Fer2013, labels: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the faces of PublicTest, u8 (n, 48, 48), and what they show by the protocol of the labels, i64 (n,)."""
    rows = data.usage == dataset.PUBLIC_TEST
    if labels == "fer2013":
        return data.pixels[rows], data.emotion[rows].astype(np.int64)
    winner = dataset.majority(data.votes[rows])
    return data.pixels[rows][winner >= 0], winner[winner >= 0]


def train(
    settings: Settings,
    data_folder: Path,
    run: Path,
    mined: Path | None,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
    original_teachers: Sequence[Path] = (),
) -> None:
    """Train, from the weights in ``start`` if given, or go on where the run was cut off."""
    torch.manual_seed(settings.seed)
    data = dataset.load_fer2013(data_folder)
    rows = dataset.training_rows(data, with_twins=settings.with_twins)
    emotions = emotion_rows(data, rows, settings.labels)
    network = TorchNetwork(settings.shape, settings.dropout).to(memory_format=torch.channels_last)
    if start is not None:
        start_from(network, start)
    # Of the weights to begin with, so that a run that was cut off has the same rows and partners.
    extra = [in_doubt(crops, network, settings.sure_every) for crops in (mined_rows(mined) if mined else ())]
    partners = mirror.partners_in(network, as_input(data.pixels[rows[: mirror.FACES]])) if settings.mirrored else {}
    second = nn.Linear(network.logits.in_features, NOT_A_FACE)
    masters, originals = ([Teacher.load(path) for path in paths] for paths in (teachers, original_teachers))
    mean = TorchNetwork(settings.shape).to(memory_format=torch.channels_last)
    mean.load_state_dict(network.state_dict())
    optimizer = torch.optim.SGD(
        [*decayed_and_free(network, settings.weight_decay), *decayed_and_free(second, settings.weight_decay)],
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=True,
    )
    faces, truth = public_test(data, settings.labels)
    checkpoint = Checkpoint(run, mean, network=network, second=second, optimizer=optimizer)
    first, step = checkpoint.resume()
    for epoch in range(first, settings.epochs):
        started = time.monotonic()
        # Seeded per epoch, so that a run that was cut off goes on as if it had not been.
        rng = np.random.default_rng((settings.seed, epoch))
        pixels = next(side for share, side in settings.growth if epoch < share * settings.epochs)
        parts = epoch_rows(emotions, extra, settings, rng)
        steps = sum(len(rows) for _, rows in parts) // settings.batch
        network.train()
        total = 0.0
        for index, seen in enumerate(batches(parts, settings, pixels, rng)):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, epoch + index / steps)
            loss = mixed_loss(network, second, heard(seen, masters, originals, settings), settings, rng)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if partners:
                mirror.tie(network, partners)
            step += 1
            average_into(mean, network, step, settings.average_steps)
            total += float(loss.detach())
        validation = float((logits_of(mean, faces)[:, :NOT_A_FACE].argmax(axis=1) == truth).mean())
        seconds = time.monotonic() - started
        checkpoint.note(
            {
                "epoch": str(epoch),
                "loss": f"{total / steps:.4f}",
                "public_test_accuracy": f"{validation:.4f}",
                "seconds": f"{seconds:.1f}",
            }
        )
        print(f"epoch {epoch}: loss {total / steps:.4f}, PublicTest {validation:.2%}, {seconds:.0f} s", flush=True)
        checkpoint.keep(epoch + 1, step)
    if settings.steady:
        rng = np.random.default_rng((settings.seed, settings.epochs))
        once_more = batches(epoch_rows(emotions, extra, settings, rng), settings, settings.growth[-1][1], rng)
        measure_statistics(mean, (batch.faces for batch in once_more))
        if partners:
            mirror.tie(mean, partners)
    checkpoint.finish()


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(prog="python -m model.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with fer2013.npz or the two CSV files")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run; an existing one is resumed")
    parser.add_argument("--labels", choices=("ferplus", "fer2013"), default="ferplus")
    parser.add_argument("--mined", type=Path, help="file from python -m model.mine")
    parser.add_argument("--stage", choices=sorted(STAGES), default="first")
    parser.add_argument("--start", type=Path, metavar="WEIGHTS", help="go on from the weights of another run")
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], metavar="WEIGHTS", help="for the pupil's stage")
    parser.add_argument(
        "--original-teachers", type=Path, nargs="*", default=[], metavar="WEIGHTS", help="of FER2013's own labels"
    )
    parser.add_argument("--epochs", type=int)
    parser.add_argument(
        "--with-twins", action="store_true", help="leave photographs of the test splits in: never ship it"
    )
    arguments = parser.parse_args()
    settings = replace(STAGES[arguments.stage], labels=arguments.labels, with_twins=arguments.with_twins)
    if arguments.epochs:
        settings = replace(settings, epochs=arguments.epochs)
    train(
        settings,
        arguments.data,
        arguments.run,
        arguments.mined,
        arguments.start,
        arguments.teachers,
        arguments.original_teachers,
    )


if __name__ == "__main__":
    command.run(main)
