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
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model import dataset
from model.checkpoint import Checkpoint, average_into, decayed_and_free
from model.detector import truth
from model.detector.crops import Crop, Strength, crop_of, lettered, with_loose
from model.detector.network import STRIDES, Shape
from model.detector.targets import FACE, IGNORED, Assignment, targets_of
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
    average_steps: float = 800.0
    seed: int = 5
    shape: Shape = field(default_factory=Shape)
    strength: Strength = field(default_factory=Strength)
    assignment: Assignment = field(default_factory=Assignment)
    truth: truth.Settings = field(default_factory=truth.Settings)


@dataclass(frozen=True)
class Level:
    """One map of a batch: ``part`` u8 (n, h, w) and ``box`` f32 (n, 4, h, w), see ``targets``."""

    part: Tensor
    box: Tensor


def batches(
    pictures: list[Picture], loose: NDArray[np.uint8], settings: Settings, rng: np.random.Generator
) -> Iterator[tuple[Tensor, list[Level]]]:
    """Yield one crop of every picture, shuffled, made a few steps ahead in a thread."""
    order = rng.permutation(len(pictures))
    ready: queue.Queue[tuple[Tensor, list[Level]] | None] = queue.Queue(maxsize=6)

    def produce() -> None:
        for start in range(0, len(order) - settings.batch + 1, settings.batch):
            crops = [
                _crop(pictures, index, loose, settings.strength, rng) for index in order[start : start + settings.batch]
            ]
            pixels = np.stack([crop.pixels for crop in crops])[:, None].astype(np.float32) / 255.0
            maps = [
                targets_of(crop.faces, crop.doubtful, settings.strength.pixels, settings.assignment) for crop in crops
            ]
            levels = [
                Level(
                    torch.from_numpy(np.stack([one[level][0] for one in maps])),
                    torch.from_numpy(np.stack([one[level][1] for one in maps])),
                )
                for level in range(len(STRIDES))
            ]
            ready.put((torch.from_numpy(pixels), levels))
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
        crop = with_loose(crop, loose, strength, rng)
    return lettered(crop, strength, rng) if rng.random() < strength.letters_share else crop


def decoded(output: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Logits (n, h, w) and boxes (n, 4, h, w), centre and size in pixels, of one map (n, 5, h, w)."""
    output = output.float()
    height, width = output.shape[2:]
    rows = torch.arange(height, dtype=torch.float32)[:, None] + 0.5
    columns = torch.arange(width, dtype=torch.float32)[None, :] + 0.5
    x, y = (columns + output[:, 1]) * stride, (rows + output[:, 2]) * stride
    sides = torch.exp(output[:, 3:].clamp(-4.0, 5.0)) * stride
    return output[:, 0], torch.stack([x, y, sides[:, 0], sides[:, 1]], dim=1)


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


def loss_of(outputs: list[Tensor], levels: list[Level], box_weight: float) -> tuple[Tensor, Tensor]:
    """Score and box losses: scores learn by focal loss what is a face, boxes learn by DIoU."""
    scores, wanted, weights, box_losses = [], [], [], []
    for output, level, stride in zip(outputs, levels, STRIDES, strict=True):
        logit, boxes = decoded(output, stride)
        face = level.part == FACE
        if face.any():
            ours, theirs = boxes.permute(0, 2, 3, 1)[face], level.box.permute(0, 2, 3, 1)[face]
            fit, distance = overlap_and_distance(ours, theirs)
            # Log sizes as well: where the boxes do not touch yet, overlap alone shows no way.
            sizes = (ours[:, 2:].log() - theirs[:, 2:].log()).abs().clamp(max=2.0).mean(1)
            box_losses.append(1.0 - fit + distance + 0.5 * sizes)
        scores.append(logit.flatten())
        wanted.append(face.float().flatten())
        weights.append((level.part != IGNORED).float().flatten())
    score, target, weight = torch.cat(scores), torch.cat(wanted), torch.cat(weights)
    modulation = (torch.sigmoid(score.detach()) - target).abs() ** 2
    entropy = functional.binary_cross_entropy_with_logits(score, target, reduction="none")
    faces = target.sum().clamp(min=8)
    box = torch.cat(box_losses).sum() if box_losses else score.sum() * 0
    return (entropy * modulation * weight).sum() / faces, box_weight * box / faces


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
        network.load_grown(torch.load(start, weights_only=True))
    mean = TorchNetwork(settings.shape).to(memory_format=torch.channels_last)
    mean.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(
        decayed_and_free(network, settings.weight_decay),
        lr=settings.learning_rate,
    )
    checkpoint = Checkpoint(run, network, mean, optimizer)
    first, step = checkpoint.resume()
    for index in range(first, settings.passes):
        started = time.monotonic()
        # Seeded per pass, so that a run that was cut off goes on as if it had not been.
        rng = np.random.default_rng((settings.seed, index))
        steps = len(pictures) // settings.batch
        network.train()
        totals = np.zeros(2)
        for number, (pixels, levels) in enumerate(batches(pictures, loose, settings, rng)):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, index + number / steps)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = network(pixels.to(memory_format=torch.channels_last))
            score_loss, box_loss = loss_of(outputs, levels, settings.box_weight)
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
    main()
