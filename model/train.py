"""Train the emotion network: ``python -m model.train --data FOLDER --run FOLDER``; the same command resumes.

Each epoch ends with a checkpoint. The run's folder then holds ``checkpoint.pt`` and ``history.csv``, and at the end
``weights.pt``: the averaged weights that ``python -m model.convert`` turns into Keras and TFLite. ``--stage`` says which
of the recipe's stages is meant: ``first``, ``again`` (the same disturbances at full size, and faces laid over each
other), ``polish`` (milder ones: a network this small cannot fit the strong ones to the end), ``teacher`` (a larger
network), ``pupil``, which learns from ``--teachers`` beside the raters, or ``surer``, which does so with more of what is no
face.
"""

from __future__ import annotations

import argparse
import math
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model import command, dataset
from model.augment import augmented
from model.checkpoint import Checkpoint, average_into, decayed_and_free, start_from
from model.recipe import STAGES, Settings
from model.rows import FACE_ONLY, LABELLED, NOT_A_FACE, Rows, emotion_rows, mined_rows
from model.torch_network import TorchNetwork, network_from


def epoch_rows(
    emotions: Rows, extra: tuple[Rows, Rows] | None, settings: Settings, rng: np.random.Generator
) -> list[tuple[Rows, NDArray[np.intp]]]:
    """Choose the rows of one epoch: all emotions, the rare ones oftener, and a share of the others."""
    copies = np.array(settings.repeats)[emotions.target.argmax(axis=1)]
    chosen = [(emotions, np.repeat(np.arange(len(emotions.canvas)), copies))]
    if extra is not None:
        for rows, count in zip(extra, (settings.negatives_per_epoch, settings.faces_per_epoch), strict=True):
            chosen.append((rows, rng.choice(len(rows.canvas), min(count, len(rows.canvas)), replace=False)))
    return chosen


def batches(
    parts: list[tuple[Rows, NDArray[np.intp]]], settings: Settings, pixels: int, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Yield (faces, target, weight, kind), shuffled and augmented, made one step ahead in a thread."""
    order = np.concatenate([np.column_stack([np.full(len(rows), part), rows]) for part, (_, rows) in enumerate(parts)])
    rng.shuffle(order)
    ready: queue.Queue[tuple[Tensor, Tensor, Tensor, Tensor] | None] = queue.Queue(maxsize=4)

    def produce() -> None:
        for start in range(0, len(order) - settings.batch + 1, settings.batch):
            picked = order[start : start + settings.batch]
            rows = [parts[part][0].take(np.array([row])) for part, row in picked]
            canvas = np.concatenate([row.canvas for row in rows])
            faces = augmented(canvas, pixels, settings.strength, rng)
            columns = (
                faces,
                np.concatenate([row.target for row in rows]),
                np.concatenate([row.weight for row in rows]),
                np.concatenate([row.kind for row in rows]),
            )
            first, second, third, fourth = (torch.from_numpy(column) for column in columns)
            ready.put((first, second, third, fourth))
        ready.put(None)

    threading.Thread(target=produce, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch


def loss_of(logits: Tensor, target: Tensor, weight: Tensor, kind: Tensor) -> Tensor:
    """Cross-entropy against the distribution; for a face of unknown emotion, against "is a face" alone."""
    log_probability = functional.log_softmax(logits.float(), dim=1)
    labelled = -(target * log_probability).sum(dim=1)
    is_face = -torch.logsumexp(log_probability[:, :NOT_A_FACE], dim=1)
    each = torch.where(kind == LABELLED, labelled, is_face) * weight
    return each.sum() / weight.sum()


def mixed_loss(
    network: TorchNetwork,
    faces: Tensor,
    rows: tuple[Tensor, Tensor, Tensor],
    settings: Settings,
    rng: np.random.Generator,
) -> Tensor:
    """Return the loss of one batch; of a share of the batches every face is laid over another, and counts for both."""
    own = float(rng.beta(settings.mix, settings.mix)) if rng.random() < settings.mixed_share else 1.0
    if own < 1.0:
        faces = own * faces + (1.0 - own) * faces.flip(0)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(faces)
    loss = loss_of(logits, *rows)
    if own < 1.0:
        target, weight, kind = (column.flip(0) for column in rows)
        loss = own * loss + (1.0 - own) * loss_of(logits, target, weight, kind)
    return loss


@torch.no_grad()
def taught(target: Tensor, kind: Tensor, faces: Tensor, teachers: Sequence[TorchNetwork], share: float) -> Tensor:
    """Mix what the teachers say of the same disturbed faces, and of their mirror images, into the targets' emotions.

    How much a row is a face stays the raters' word; of a face whose emotion nobody labelled only the teachers speak.
    """
    with torch.autocast("cpu", torch.bfloat16):
        views = (faces, faces.flip(3))
        logits = [teacher(view)[:, :NOT_A_FACE].float() for teacher in teachers for view in views]
    said = torch.stack([functional.softmax(part, dim=1) for part in logits]).mean(dim=0)
    silent = kind == FACE_ONLY
    is_face = torch.where(silent, 1.0, 1.0 - target[:, NOT_A_FACE])[:, None]
    theirs = torch.where(silent, 1.0, share)[:, None]
    emotions = target[:, :NOT_A_FACE] * (1.0 - theirs) + said * is_face * theirs
    return torch.cat([emotions, 1.0 - is_face], dim=1)


def learning_rate(settings: Settings, epoch: float) -> float:
    """Linear warm-up, then half a cosine down to nothing."""
    if epoch < settings.warm_up_epochs:
        return settings.learning_rate * (epoch + 0.05) / settings.warm_up_epochs
    share = (epoch - settings.warm_up_epochs) / (settings.epochs - settings.warm_up_epochs)
    return settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))


@torch.no_grad()
def logits_of(network: TorchNetwork, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Read u8 (n, 48, 48) crops; return f32 (n, 8) logits."""
    network.eval()
    outputs = []
    for start in range(0, len(faces), 256):
        picture = torch.from_numpy(faces[start : start + 256, None].astype(np.float32) / 255.0)
        outputs.append(network(picture.to(memory_format=torch.channels_last)).float().numpy())
    return np.concatenate(outputs)


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
    masters = [network_from(path) for path in teachers]
    mean = TorchNetwork(settings.shape).to(memory_format=torch.channels_last)
    mean.load_state_dict(network.state_dict())
    optimizer = torch.optim.SGD(
        decayed_and_free(network, settings.weight_decay),
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=True,
    )
    checkpoint = Checkpoint(run, network, mean, optimizer)
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
        for index, (faces, target, weight, kind) in enumerate(batches(parts, settings, pixels, rng)):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, epoch + index / steps)
            faces = faces.to(memory_format=torch.channels_last)  # noqa: PLW2901 - the same faces, laid out anew
            if masters:
                target = taught(target, kind, faces, masters, settings.teachers_share)  # noqa: PLW2901
                kind = torch.full_like(kind, LABELLED)  # noqa: PLW2901
            loss = mixed_loss(network, faces, (target, weight, kind), settings, rng)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
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
    parser.add_argument("--epochs", type=int)
    parser.add_argument(
        "--with-twins", action="store_true", help="leave photographs of the test splits in: never ship it"
    )
    arguments = parser.parse_args()
    settings = replace(STAGES[arguments.stage], labels=arguments.labels, with_twins=arguments.with_twins)
    if arguments.epochs:
        settings = replace(settings, epochs=arguments.epochs)
    train(settings, arguments.data, arguments.run, arguments.mined, arguments.start, arguments.teachers)


if __name__ == "__main__":
    command.run(main)
