"""Which rows an epoch sees, and its batches of disturbed faces, made one step ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.augment import augmented
from model.recipe import Settings
from model.rows import Rows

#: Rows, and which of them.
Part = tuple[Rows, NDArray[np.intp]]


class Batch(NamedTuple):
    """Faces f32 (n, 1, s, s), channels last, and the columns of their ``Rows``."""

    faces: Tensor
    target: Tensor
    weight: Tensor
    kind: Tensor
    original: Tensor

    def flipped(self) -> Batch:
        """Return the same rows, the last one first."""
        return Batch(*(column.flip(0) for column in self))


def epoch_rows(emotions: Rows, extra: Sequence[Rows], settings: Settings, rng: np.random.Generator) -> list[Part]:
    """Choose the rows of one epoch: all emotions, the rare ones oftener, and a share of the others."""
    copies = np.array(settings.repeats)[emotions.target.argmax(axis=1)]
    chosen = [(emotions, np.repeat(np.arange(len(emotions.canvas)), copies))]
    for rows, count in zip(extra, (settings.negatives_per_epoch, settings.faces_per_epoch), strict=False):
        chosen.append((rows, rng.choice(len(rows.canvas), min(count, len(rows.canvas)), replace=False)))
    return chosen


def batches(parts: list[Part], settings: Settings, pixels: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield all rows, shuffled and augmented; made in a thread."""
    order = np.concatenate([np.column_stack([np.full(len(rows), part), rows]) for part, (_, rows) in enumerate(parts)])
    rng.shuffle(order)
    ready: queue.Queue[Batch | None] = queue.Queue(maxsize=4)

    def produce() -> None:
        for start in range(0, len(order) - settings.batch + 1, settings.batch):
            picked = order[start : start + settings.batch]
            rows = Rows.joined([parts[part][0].take(np.array([row])) for part, row in picked])
            faces = torch.from_numpy(augmented(rows.canvas, pixels, settings.strength, rng))
            columns = (torch.from_numpy(part) for part in (rows.target, rows.weight, rows.kind, rows.original))
            ready.put(Batch(faces.to(memory_format=torch.channels_last), *columns))
        ready.put(None)

    threading.Thread(target=produce, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch
