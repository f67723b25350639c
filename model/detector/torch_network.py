"""The same network in PyTorch, where it trains, and the way of its weights into the Keras form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.detector.network import OUTPUTS, STRIDES, Shape
from model.torch_network import NormedConv, kernel_and_bias

#: Blocks that begin by changing nothing: the deeper network sets out from what the shallower one would compute.
SILENT = ("deep16", "deep32", "merged8", "merged16")


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, channels: int, silent: bool = False) -> None:
        super().__init__()
        self.first = NormedConv(channels, channels, 3)
        self.second = NormedConv(channels, channels, 3)
        if silent:
            nn.init.zeros_(self.second.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the convolutions find."""
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class TorchNetwork(nn.Module):
    """Input f32 (n, 1, h, w) in [0, 1]; output f32 (n, 5, h/s, w/s) for the strides 8, 16 and 32."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        wide = shape.channels
        self.stem = NormedConv(1, shape.stem_channels, 3, 2)
        self.quarter = NormedConv(shape.stem_channels, shape.quarter_channels, 3, 2)
        self.eighth = NormedConv(shape.quarter_channels, wide, 3, 2)
        self.sixteenth = NormedConv(wide, wide, 3, 2)
        self.last = NormedConv(wide, wide, 3, 2)
        self.block8, self.block16, self.block32 = Block(wide), Block(wide), Block(wide)
        for name in SILENT:
            self.add_module(name, Block(wide, silent=True))
        self.raise32 = nn.Conv2d(wide, 4 * wide, 1)
        self.raise16 = nn.Conv2d(wide, 4 * wide, 1)
        self.head = NormedConv(wide, shape.head_channels, 3)
        self.answer = nn.Conv2d(shape.head_channels, OUTPUTS, 1)
        nn.init.normal_(self.answer.weight, std=0.01)
        assert self.answer.bias is not None
        # Faces are rare: begin with a score of one per cent, and with boxes of twice the stride.
        with torch.no_grad():
            self.answer.bias.copy_(torch.tensor([-math.log(99.0), 0.0, 0.0, math.log(2.0), math.log(2.0)]))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Give the three maps."""
        x = functional.relu(self.quarter(functional.relu(self.stem(x))))
        eighth = self.block8(functional.relu(self.eighth(x)))
        sixteenth = self.deep16(self.block16(functional.relu(self.sixteenth(eighth))))
        last = self.deep32(self.block32(functional.relu(self.last(sixteenth))))
        sixteenth = self.merged16(functional.relu(sixteenth + functional.pixel_shuffle(self.raise32(last), 2)))
        eighth = self.merged8(functional.relu(eighth + functional.pixel_shuffle(self.raise16(sixteenth), 2)))
        return [self.answer(functional.relu(self.head(level))) for level in (eighth, sixteenth, last)]


@torch.no_grad()
def copy_into_keras(network: TorchNetwork, keras_model: Any, raised: Sequence[float] = (0.0, 0.0, 0.0)) -> None:
    """Set every weight of ``network.keras_network`` from the trained form, normalisation folded in.

    ``raised`` is added to the logits, one number for each stride.
    """
    for name in ("stem", "quarter", "eighth", "sixteenth", "last", "head"):
        keras_model.get_layer(name).set_weights(getattr(network, name).folded())
    for name in ("block8", "block16", "block32", *SILENT):
        block = getattr(network, name)
        keras_model.get_layer(f"{name}_first").set_weights(block.first.folded())
        keras_model.get_layer(f"{name}_second").set_weights(block.second.folded())
    kernel, bias = kernel_and_bias(network.answer)
    for stride, by in zip(STRIDES, raised, strict=True):
        keras_model.get_layer(f"answer{stride}").set_weights(
            [kernel, bias + np.eye(1, OUTPUTS, dtype=np.float32)[0] * by]
        )
    for name in ("raise32", "raise16"):
        kernel, bias = kernel_and_bias(getattr(network, name))
        # PyTorch unfolds channel by channel, TensorFlow corner by corner.
        channels = len(bias) // 4
        order = [channel * 4 + corner for corner in range(4) for channel in range(channels)]
        keras_model.get_layer(name).set_weights([kernel[..., order], bias[order]])
