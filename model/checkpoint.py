"""What a training run keeps, so that the same command goes on where it was cut off."""

from __future__ import annotations

import copy
import csv
import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.dataset import DatasetError


class Checkpoint:
    """A run's folder with the running mean of its weights, and whatever else it goes on with: network, optimizer."""

    def __init__(self, run: Path, mean: nn.Module, **others: nn.Module | torch.optim.Optimizer) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self._run = run
        self._parts: dict[str, Any] = {"mean": mean, **others}

    def resume(self) -> tuple[int, int]:
        """Load what was kept; return the epochs and the steps that are done."""
        path = self._run / "checkpoint.pt"
        if not path.exists():
            return 0, 0
        saved = loaded(path)
        for name, part in self._parts.items():
            part.load_state_dict(saved[name])
        return saved["epoch"], saved["step"]

    def keep(self, epoch: int, step: int) -> None:
        """Write everything; a run that is cut off meanwhile still has what was kept before."""
        partial = self._run / "checkpoint.partial"
        state = {name: part.state_dict() for name, part in self._parts.items()}
        torch.save({**state, "epoch": epoch, "step": step}, partial)
        partial.replace(self._run / "checkpoint.pt")

    def finish(self) -> None:
        """Write the averaged weights, which are what a run is for."""
        torch.save(self._parts["mean"].state_dict(), self._run / "weights.pt")

    def note(self, row: dict[str, str]) -> None:
        """Add a line to the run's history."""
        with (self._run / "history.csv").open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)


def loaded(path: Path) -> dict[str, Any]:
    """Load what a run wrote; raise ``DatasetError`` where it is torn, or something else."""
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True)
    except (EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise DatasetError(f"{path}: torn, or not what a training run writes") from error
    return saved


def start_from(network: nn.Module, weights: Path) -> None:
    """Take over the weights that another run left; raise ``DatasetError`` where they are another network's."""
    state = loaded(weights)
    try:
        # Of a run that is not finished, the averaged ones.
        network.load_state_dict(state.get("mean", state))
    except RuntimeError as error:
        raise DatasetError(f"{weights}: weights of another network: {str(error).splitlines()[-1].strip()}") from error


def weights_of(run: Path) -> Path:
    """Return the file with the averaged weights of ``run``, finished or not."""
    finished = run / "weights.pt"
    return finished if finished.exists() else run / "checkpoint.pt"


def decayed_and_free(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Group the parameters for an optimizer: what is no kernel is not drawn towards zero."""
    decayed = [weight for weight in network.parameters() if weight.ndim > 1]
    free = [weight for weight in network.parameters() if weight.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


@torch.no_grad()
def average_into(mean: nn.Module, network: nn.Module, step: int, horizon: float) -> None:
    """Move the running mean of the weights towards the present ones."""
    keep = min(1.0 - 1.0 / horizon, (1.0 + step) / (10.0 + step))
    for ours, theirs in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
        if ours.dtype.is_floating_point:
            ours.lerp_(theirs, 1.0 - keep)
        else:
            ours.copy_(theirs)


@torch.no_grad()
def average_of(network: nn.Module, weights: Sequence[Path]) -> None:
    """Give ``network`` the mean of several files of weights; raise ``DatasetError`` where one is another network's."""
    other = copy.deepcopy(network)
    for count, path in enumerate(weights, 1):
        start_from(other, path)
        for ours, theirs in zip(network.state_dict().values(), other.state_dict().values(), strict=True):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1.0 / count)


@torch.no_grad()
def measure_statistics(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Measure what the normalisations of averaged weights meet: the mean of the statistics is not that of the weights."""
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
            part.momentum = None  # The plain mean of all batches.
    network.train()
    for batch in batches:
        network(batch)
