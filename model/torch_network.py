"""The same network in PyTorch, where it trains, and the way of its weights into the Keras form.

Why two forms: on a CPU, PyTorch with bfloat16 and channels-last pictures runs a training step of this network in a
third of the time of Keras on TensorFlow and in half the time of Keras on PyTorch. A test holds both forms together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from model.checkpoint import loaded, start_from
from model.dataset import DatasetError
from model.network import Shape, columns


class NormedConv(nn.Module):
    """A convolution without bias and the batch normalisation that follows it."""

    def __init__(self, before: int, after: int, size: int, stride: int = 1, width: int | None = None) -> None:
        super().__init__()
        self.stride = stride
        kernel = (size, width or size)
        self.conv = nn.Conv2d(before, after, kernel, stride, padding=size // 2 if stride == 1 else 0, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise what the convolution gives."""
        if self.stride > 1:
            # TensorFlow pads three rows or columns on the right and below only; PyTorch would shift the picture.
            x = functional.pad(x, (self.conv.kernel_size[1] - 3, 1, 0, 1))
        y: Tensor = self.norm(self.conv(x))
        return y

    def folded(self) -> list[NDArray[np.float32]]:
        """Kernel (h, w, in, out) and bias (out,) that do the work of both."""
        norm = self.norm
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        kernel = self.conv.weight * scale[:, None, None, None]
        bias = norm.bias - norm.running_mean * scale
        return [_numpy(kernel.permute(2, 3, 1, 0)), _numpy(bias)]


class Block(nn.Module):
    """Two 3x3 convolutions, a squeeze-and-excite gate, and a shortcut that averages where it must shrink."""

    def __init__(self, before: int, after: int, stride: int, squeeze: int) -> None:
        super().__init__()
        self.first = NormedConv(before, after, 3, stride, columns(stride))
        self.second = NormedConv(after, after, 3)
        self.reduce = nn.Conv2d(after, after // squeeze, 1)
        self.excite = nn.Conv2d(after // squeeze, after, 1)
        self.shortcut = NormedConv(before, after, 1) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """Add what the gate lets through to the shortcut."""
        y = self.second(functional.relu(self.first(x)))
        gate = self.excite(functional.relu(self.reduce(y.mean((2, 3), keepdim=True))))
        if self.shortcut is not None:
            x = self.shortcut(functional.avg_pool2d(x, 2))
        return functional.relu(x + y * torch.sigmoid(gate))


class TorchNetwork(nn.Module):
    """Input f32 (n, 1, s, s) in [0, 1], s a multiple of eight; output f32 (n, outputs) logits."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.stem = NormedConv(1, shape.stem_channels, 3)
        blocks = shape.blocks()
        self.blocks = nn.ModuleList(Block(*block, shape.squeeze) for block in blocks)
        self.dropout = nn.Dropout(dropout)
        self.logits = nn.Linear(blocks[-1][1], shape.outputs)

    def features(self, x: Tensor) -> Tensor:
        """Give what the logits are read off, f32 (n, channels of the last stage)."""
        x = functional.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        dropped: Tensor = self.dropout(x.mean((2, 3)))
        return dropped

    def forward(self, x: Tensor) -> Tensor:
        """Give logits."""
        logits: Tensor = self.logits(self.features(x))
        return logits


def network_from(weights: Path) -> TorchNetwork:
    """Load a finished network, to be read only; its shape is that of its weights."""
    try:
        shape = _shape_of(loaded(weights))
    except (AttributeError, IndexError, KeyError) as error:
        raise DatasetError(f"{weights}: not weights of an emotion network") from error
    network = TorchNetwork(shape).to(memory_format=torch.channels_last)
    start_from(network, weights)
    return network.eval()


def _shape_of(state: dict[str, Tensor]) -> Shape:
    stages: list[tuple[int, int]] = []
    for name, weight in state.items():
        if name.endswith("first.conv.weight"):
            shrinks = name.replace("first", "shortcut") in state
            count = 0 if shrinks else stages.pop()[1]
            stages.append((weight.shape[0], count + 1))
    squeeze = stages[0][0] // state["blocks.0.reduce.weight"].shape[0]
    return Shape(state["stem.conv.weight"].shape[0], tuple(stages), squeeze, state["logits.weight"].shape[0])


@torch.no_grad()
def logits_of(network: TorchNetwork, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Read u8 (n, 48, 48) crops; return f32 (n, 8) logits."""
    network.eval()
    parts = (faces[start : start + 256] for start in range(0, len(faces), 256))
    return np.concatenate([network(as_input(part)).float().numpy() for part in parts])


def as_input(faces: NDArray[np.uint8]) -> Tensor:
    """Turn crops u8 (n, s, s) into what the network reads."""
    picture = torch.from_numpy(faces[:, None].astype(np.float32) / 255.0)
    return picture.to(memory_format=torch.channels_last)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().contiguous().numpy()


def kernel_and_bias(layer: nn.Conv2d) -> list[NDArray[np.float32]]:
    """Kernel (h, w, in, out) and bias (out,) of a convolution without normalisation."""
    assert layer.bias is not None
    return [_numpy(layer.weight.permute(2, 3, 1, 0)), _numpy(layer.bias)]


@torch.no_grad()
def copy_into_keras(network: TorchNetwork, keras_model: Any) -> None:
    """Set every weight of ``network.keras_network`` from the trained form, normalisation folded in."""
    keras_model.get_layer("stem").set_weights(network.stem.folded())
    for index, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        for name in ("first", "second", "shortcut"):
            part = getattr(block, name)
            if part is not None:
                keras_model.get_layer(f"block{index}_{name}").set_weights(part.folded())
        for name in ("reduce", "excite"):
            keras_model.get_layer(f"block{index}_{name}").set_weights(kernel_and_bias(getattr(block, name)))
    logits = network.logits
    keras_model.get_layer("logits").set_weights([_numpy(logits.weight.T), _numpy(logits.bias)])
