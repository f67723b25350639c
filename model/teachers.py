"""Networks that say how the emotions of a batch look to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from model.rows import NOT_A_FACE
from model.torch_network import TorchNetwork, network_from


@dataclass(frozen=True)
class Teacher:
    """A finished network; one that reads a face and its reflection alike (``mirror.py``) is asked about one of them."""

    network: TorchNetwork
    views: int

    @classmethod
    @torch.no_grad()
    def load(cls, weights: Path) -> Teacher:
        """Load the weights of a finished run."""
        network = network_from(weights)
        faces = torch.rand(8, 1, 48, 48)
        alike = torch.allclose(network(faces), network(faces.flip(3)), atol=1e-3)
        return cls(network, 1 if alike else 2)

    def said(self, faces: Tensor) -> list[Tensor]:
        """Of every view the emotions, f32 (n, 7) each."""
        views = (faces, faces.flip(3))[: self.views]
        return [functional.softmax(self.network(view)[:, :NOT_A_FACE].float(), dim=1) for view in views]


@torch.no_grad()
def said_by(teachers: Sequence[Teacher], faces: Tensor) -> Tensor:
    """Return the mean over all views of all teachers, f32 (n, 7)."""
    with torch.autocast("cpu", torch.bfloat16):
        views = [view for teacher in teachers for view in teacher.said(faces)]
    return torch.stack(views).mean(dim=0)
