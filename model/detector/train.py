"""Train the face detector: ``python -m model.detector.train --data FOLDER --taught FOLDER --run FOLDER``; resumes.

Each pass ends with a checkpoint. The run's folder then holds ``checkpoint.pt`` and ``history.csv``, and at the end
``weights.pt``: the averaged weights that ``python -m model.detector.convert`` turns into TFLite.
"""

from __future__ import annotations

import argparse
import math
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model import command, dataset
from model.checkpoint import Checkpoint, average_into, decayed_and_free, start_from
from model.detector import truth
from model.detector.crops import Crop, Strength, crop_of, lettered
from model.detector.loose import wall, with_loose
from model.detector.network import STRIDES, Shape
from model.detector.targets import BACKGROUND, FACE, NOBODY, Assignment, targets_of
from model.detector.torch_network import TorchNetwork
from model.detector.truth import Picture


@dataclass(frozen=True)
class Settings:
    """All knobs of a training run."""

    passes: int = 150
    batch: int = 16
    learning_rate: float = 2.5e-3
    warm_up_passes: float = 1.0
    weight_decay: float = 0.02
    box_weight: float = 2.0
    #: What the box of a cell beside a face weighs against one of the face's own.
    beside_weight: float = 0.5
    average_steps: float = 800.0
    seed: int = 5
    shape: Shape = field(default_factory=Shape)
    strength: Strength = field(default_factory=Strength)
    assignment: Assignment = field(default_factory=Assignment)
    truth: truth.Settings = field(default_factory=truth.Settings)


@dataclass(frozen=True)
class Batch:
    """Crops and what every cell of every map must say of them, cells in the order of ``decoded``.

    ``pixels`` f32 (n, 1, s, s); ``faces`` f32 (m, 4), of all crops; ``part`` u8 (cells,) and ``owner`` i64 (cells,), a
    row of ``faces``: see ``targets``.
    """

    pixels: Tensor
    faces: Tensor
    part: Tensor
    owner: Tensor


def batch_of(crops: Sequence[Crop], settings: Settings) -> Batch:
    """Lay crops side by side."""
    maps = [targets_of(crop.faces, crop.doubtful, settings.strength.pixels, settings.assignment) for crop in crops]
    counts = [len(crop.faces) for crop in crops]
    owners = [
        np.where(one[level][1] == NOBODY, NOBODY, one[level][1] + first).ravel()
        for level in range(len(STRIDES))
        for one, first in zip(maps, np.cumsum(counts) - counts, strict=True)
    ]
    parts = [one[level][0].ravel() for level in range(len(STRIDES)) for one in maps]
    pixels = np.stack([crop.pixels for crop in crops])[:, None].astype(np.float32) / 255.0
    return Batch(
        torch.from_numpy(pixels),
        torch.from_numpy(np.concatenate([crop.faces for crop in crops])),
        torch.from_numpy(np.concatenate(parts)),
        torch.from_numpy(np.concatenate(owners).astype(np.int64)),
    )


def batches(
    pictures: list[Picture], loose: NDArray[np.uint8], settings: Settings, rng: np.random.Generator
) -> Iterator[Batch]:
    """Yield one crop of every picture, shuffled, made a few steps ahead in a thread."""
    order = rng.permutation(len(pictures))
    ready: queue.Queue[Batch | None] = queue.Queue(maxsize=6)

    def produce() -> None:
        for start in range(0, len(order) - settings.batch + 1, settings.batch):
            indices = order[start : start + settings.batch]
            ready.put(batch_of([_crop(pictures, index, loose, settings.strength, rng) for index in indices], settings))
        ready.put(None)

    threading.Thread(target=produce, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch


def _crop(
    pictures: list[Picture], index: int, loose: NDArray[np.uint8], strength: Strength, rng: np.random.Generator
) -> Crop:
    others = rng.integers(len(pictures), size=3) if rng.random() < strength.mosaic_share else ()
    crop = crop_of([pictures[index], *(pictures[other] for other in others)], strength, rng)
    if len(loose) and rng.random() < strength.loose_share:
        crop = wall(strength, rng) if rng.random() < strength.wall_share else crop
        crop = with_loose(crop, loose, strength, rng)
    return lettered(crop, strength, rng) if rng.random() < strength.letters_share else crop


def decoded(maps: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Logits (cells,) and boxes (cells, 4), centre and size in pixels, of all cells of the maps (n, 5, h, w) in turn."""
    logits, boxes = [], []
    for output, stride in zip((one.float() for one in maps), STRIDES, strict=True):
        height, width = output.shape[2:]
        rows = torch.arange(height, dtype=torch.float32)[:, None] + 0.5
        columns = torch.arange(width, dtype=torch.float32)[None, :] + 0.5
        x, y = (columns + output[:, 1]) * stride, (rows + output[:, 2]) * stride
        sides = torch.exp(output[:, 3:].clamp(-4.0, 5.0)) * stride
        logits.append(output[:, 0].flatten())
        boxes.append(torch.stack([x, y, sides[:, 0], sides[:, 1]], dim=3).reshape(-1, 4))
    return torch.cat(logits), torch.cat(boxes)


def overlap_and_distance(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union of boxes (m, 4), and their centres' squared distance in squared hull diagonals."""
    low = torch.maximum(one[:, :2] - one[:, 2:] / 2, other[:, :2] - other[:, 2:] / 2)
    high = torch.minimum(one[:, :2] + one[:, 2:] / 2, other[:, :2] + other[:, 2:] / 2)
    shared = (high - low).clamp(min=0).prod(dim=1)
    union = one[:, 2:].prod(dim=1) + other[:, 2:].prod(dim=1) - shared
    hull_low = torch.minimum(one[:, :2] - one[:, 2:] / 2, other[:, :2] - other[:, 2:] / 2)
    hull_high = torch.maximum(one[:, :2] + one[:, 2:] / 2, other[:, :2] + other[:, 2:] / 2)
    diagonal = ((hull_high - hull_low) ** 2).sum(dim=1)
    return shared / union.clamp(min=1e-6), ((one[:, :2] - other[:, :2]) ** 2).sum(dim=1) / diagonal.clamp(min=1e-6)


def loss_of(maps: list[Tensor], batch: Batch, settings: Settings) -> tuple[Tensor, Tensor]:
    """Score and box losses: scores learn by focal loss which cell frames a face best, boxes learn by DIoU."""
    logit, boxes = decoded(maps)
    framing, face = batch.owner != NOBODY, batch.part == FACE
    ours, theirs = boxes[framing], batch.faces[batch.owner[framing]]
    fit, distance = overlap_and_distance(ours, theirs)
    # Log sizes as well: where the boxes do not touch yet, overlap alone shows no way.
    sizes = (ours[:, 2:].log() - theirs[:, 2:].log()).abs().clamp(max=2.0).mean(1)
    weight = torch.where(face[framing], 1.0, settings.beside_weight)
    box = (weight * (1.0 - fit + distance + 0.5 * sizes)).sum() / weight.sum().clamp(min=8)
    # The cell that frames its face best says 1, however badly that is: a small face is a face. The others say less, so
    # that the best box is the one that is kept. The tenths: at first no box fits.
    fits = torch.zeros_like(logit).masked_scatter(framing, fit.detach())[face]
    best = torch.zeros(len(batch.faces)).scatter_reduce(0, batch.owner[face], fits, "amax")[batch.owner[face]]
    wanted = torch.zeros_like(logit).masked_scatter(face, ((fits + 0.1) / (best + 0.1)) ** 2)
    modulation = (torch.sigmoid(logit.detach()) - wanted).abs() ** 2
    entropy = functional.binary_cross_entropy_with_logits(logit, wanted, reduction="none")
    score = (entropy * modulation)[face | (batch.part == BACKGROUND)].sum() / face.sum().clamp(min=8)
    return score, settings.box_weight * box


def learning_rate(settings: Settings, at: float) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    if at < settings.warm_up_passes:
        return settings.learning_rate * (at + 0.02) / settings.warm_up_passes
    share = (at - settings.warm_up_passes) / (settings.passes - settings.warm_up_passes)
    return settings.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0))))


def train(
    settings: Settings, pictures: list[Picture], loose: NDArray[np.uint8], run: Path, start: Path | None = None
) -> None:
    """Train, from the weights in ``start`` if given, or go on where the run was cut off.

    ``loose`` are crops of single faces, u8 (n, 48, 48), or none.
    """
    torch.manual_seed(settings.seed)
    network = TorchNetwork(settings.shape).to(memory_format=torch.channels_last)
    if start is not None:
        start_from(network, start)
    mean = TorchNetwork(settings.shape).to(memory_format=torch.channels_last)
    mean.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(
        decayed_and_free(network, settings.weight_decay),
        lr=settings.learning_rate,
    )
    checkpoint = Checkpoint(run, mean, network=network, optimizer=optimizer)
    first, step = checkpoint.resume()
    for index in range(first, settings.passes):
        started = time.monotonic()
        # Seeded per pass, so that a run that was cut off goes on as if it had not been.
        rng = np.random.default_rng((settings.seed, index))
        steps = len(pictures) // settings.batch
        network.train()
        totals = np.zeros(2)
        for number, batch in enumerate(batches(pictures, loose, settings, rng)):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, index + number / steps)
            with torch.autocast("cpu", torch.bfloat16):
                maps = network(batch.pixels.to(memory_format=torch.channels_last))
            score_loss, box_loss = loss_of(maps, batch, settings)
            optimizer.zero_grad()
            (score_loss + box_loss).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
            optimizer.step()
            step += 1
            average_into(mean, network, step, settings.average_steps)
            totals += (float(score_loss.detach()), float(box_loss.detach()))
        (score, box), seconds = totals / steps, time.monotonic() - started
        checkpoint.note(
            {"pass": str(index), "score_loss": f"{score:.4f}", "box_loss": f"{box:.4f}", "seconds": f"{seconds:.1f}"}
        )
        print(f"pass {index}: score loss {score:.4f}, box loss {box:.4f}, {seconds:.0f} s", flush=True)
        checkpoint.keep(index + 1, step)
    checkpoint.finish()


def loose_faces(data: Path) -> NDArray[np.uint8]:
    """Faces of FER2013's Training split that no rater took for anything else: u8 (n, 48, 48); none without the set."""
    if not any((data / name).exists() for name in ("fer2013.npz", "fer2013.csv")):
        return np.zeros((0, 48, 48), np.uint8)
    fer = dataset.load_fer2013(data)
    rows = dataset.training_rows(fer)
    return fer.pixels[rows[fer.votes[rows][:, -2:].sum(axis=1) == 0]]


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(prog="python -m model.detector.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the prepared files of pictures and boxes")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="lists of WIDER FACE, Pascal-VOC folders")
    parser.add_argument("--taught", type=Path, required=True, help="folder from python -m model.detector.teach")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run; an existing one is resumed")
    parser.add_argument("--start", type=Path, metavar="WEIGHTS", help="go on from the weights of another run")
    parser.add_argument("--passes", type=int, default=Settings.passes)
    parser.add_argument("--rate", type=float, default=Settings.learning_rate, help="highest learning rate")
    parser.add_argument("--measured-too", action="store_true", help="train on the pictures kept for measuring as well")
    arguments = parser.parse_args()
    settings = replace(Settings(), passes=arguments.passes, learning_rate=arguments.rate)
    pictures = truth.pictures(arguments.data, arguments.also, arguments.taught, settings.truth)
    chosen = [picture for picture in pictures if arguments.measured_too or not picture.measured]
    train(settings, chosen, loose_faces(arguments.data), arguments.run, arguments.start)


if __name__ == "__main__":
    command.run(main)
