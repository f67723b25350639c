"""Train the emotion network: ``python -m model.train --data FOLDER --run FOLDER``; the same command resumes.

Each epoch ends with a checkpoint. The run's folder then holds ``checkpoint.pt`` and ``history.csv``, and at the end
``weights.pt``: the averaged weights that ``python -m model.convert`` turns into Keras and TFLite. ``--stage`` says which
of the recipe's stages is meant: ``first``, ``again`` (the same disturbances at full size, and faces laid over each
other), ``polish`` (milder ones: a network this small cannot fit the strong ones to the end), ``teacher`` (a larger
network), ``pupil``, which learns from ``--teachers`` beside the raters, ``surer``, which does so with more of what is no
face, or, tied to its mirror image, ``mirror``, ``walk`` and ``tied`` (``recipe.py`` says what each is for).
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
from torch import Tensor, nn

from model import command, dataset
from model.batches import batches, epoch_rows
from model.checkpoint import Checkpoint, average_into, decayed_and_free, measure_statistics, start_from
from model.loss import mixed_loss, taught, taught_original
from model.mirror import partners_in, tie
from model.recipe import STAGES, Settings
from model.rows import NOT_A_FACE, emotion_rows, mined_rows
from model.torch_network import TorchNetwork, network_from


def learning_rate(settings: Settings, epoch: float) -> float:
    """Linear warm-up, then half a cosine down to nothing, or steady."""
    if epoch < settings.warm_up_epochs:
        return settings.learning_rate * (epoch + 0.05) / settings.warm_up_epochs
    if settings.steady:
        return settings.learning_rate
    share = (epoch - settings.warm_up_epochs) / (settings.epochs - settings.warm_up_epochs)
    return settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))


@torch.no_grad()
def logits_of(network: TorchNetwork, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Read u8 (n, 48, 48) crops; return f32 (n, 8) logits."""
    network.eval()
    parts = (faces[start : start + 256] for start in range(0, len(faces), 256))
    return np.concatenate([network(_as_input(part)).float().numpy() for part in parts])


def _as_input(faces: NDArray[np.uint8]) -> Tensor:
    picture = torch.from_numpy(faces[:, None].astype(np.float32) / 255.0)
    return picture.to(memory_format=torch.channels_last)


def accuracy(network: TorchNetwork, data: dataset.Fer2013, usage: int, labels: str) -> float:
    """Share of right answers on one split, by the protocol of the labels."""
    rows = data.usage == usage
    if labels == "ferplus":
        winner = dataset.majority(data.votes[rows])
        faces, truth = data.pixels[rows][winner >= 0], winner[winner >= 0]
    else:
        faces, truth = data.pixels[rows], data.emotion[rows].astype(np.int64)
    answers = logits_of(network, faces)[:, :NOT_A_FACE].argmax(axis=1)
    return float((answers == truth).mean())


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
    extra = mined_rows(mined) if mined is not None else None
    network = TorchNetwork(settings.shape, settings.dropout).to(memory_format=torch.channels_last)
    if start is not None:
        start_from(network, start)
    # Of the weights to begin with, so that a run that was cut off has the same.
    partners = partners_in(network, _as_input(data.pixels[rows[:1500]])) if settings.mirrored else {}
    second = nn.Linear(network.logits.in_features, NOT_A_FACE)
    masters, originals = ([network_from(path) for path in paths] for paths in (teachers, original_teachers))
    mean = TorchNetwork(settings.shape).to(memory_format=torch.channels_last)
    mean.load_state_dict(network.state_dict())
    optimizer = torch.optim.SGD(
        [*decayed_and_free(network, settings.weight_decay), *decayed_and_free(second, settings.weight_decay)],
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=True,
    )
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
        for index, rows_seen in enumerate(batches(parts, settings, pixels, rng)):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, epoch + index / steps)
            batch = taught(rows_seen, masters, settings.teachers_share) if masters else rows_seen
            batch = taught_original(batch, originals, settings.original_share) if originals else batch
            loss = mixed_loss(network, second, batch, settings, rng)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if partners:
                tie(network, partners)
            step += 1
            average_into(mean, network, step, settings.average_steps)
            total += float(loss.detach())
        validation = accuracy(mean, data, dataset.PUBLIC_TEST, settings.labels)
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
        seen = batches(epoch_rows(emotions, extra, settings, rng), settings, settings.growth[-1][1], rng)
        measure_statistics(mean, (batch.faces for batch in seen))
        if partners:
            tie(mean, partners)
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
