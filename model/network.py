"""The shape of the classifier, and its Keras form: residual blocks of 3x3 convolutions with squeeze-and-excite.

Plain 3x3 convolutions, not depthwise ones: on small CPUs they read more faces per second for the same accuracy. One that
halves the picture is four columns wide: three would lie askew, and a face and its mirror image be read differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model.labels import OUTPUTS


@dataclass(frozen=True)
class Shape:
    """Width of the stem, then (channels, blocks) of each stage; every stage halves the picture."""

    stem_channels: int = 16
    stages: tuple[tuple[int, int], ...] = ((32, 1), (64, 2), (88, 2))
    squeeze: int = 4
    outputs: int = len(OUTPUTS)

    def blocks(self) -> list[tuple[int, int, int]]:
        """List (channels in, channels out, stride) of each residual block, in order."""
        result = []
        channels = self.stem_channels
        for width, count in self.stages:
            for index in range(count):
                result.append((channels, width, 2 if index == 0 else 1))
                channels = width
        return result


def columns(stride: int) -> int:
    """Width of a kernel that gives every ``stride``-th column of an even picture, and lies the same in its mirror image."""
    return 3 if stride == 1 else 4


def multiply_adds(shape: Shape, pixels: int) -> int:
    """Count the multiply-adds of one face of ``pixels`` x ``pixels``."""
    side = pixels
    total = side * side * 9 * shape.stem_channels
    for before, after, stride in shape.blocks():
        side = -(-side // stride)
        total += side * side * (3 * columns(stride) * before * after + 9 * after * after)
        total += 2 * after * (after // shape.squeeze)
        if stride > 1:
            total += side * side * before * after
    return total + after * shape.outputs


def keras_network(shape: Shape) -> Any:
    """Build the inference form in Keras: input f32 (n, 48, 48, 1) in [0, 1], output f32 (n, outputs) logits.

    Normalisation is folded into the convolutions already, so every layer here carries a bias.
    """
    import keras
    from keras import layers

    def conv(
        x: Any, channels: int, size: int | tuple[int, int], stride: int, name: str, activation: str | None = None
    ) -> Any:
        return layers.Conv2D(channels, size, strides=stride, padding="same", activation=activation, name=name)(x)

    inputs = keras.Input((48, 48, 1), name="faces")
    x = conv(inputs, shape.stem_channels, 3, 1, "stem", "relu")
    for index, (_, channels, stride) in enumerate(shape.blocks()):
        name = f"block{index}"
        y = conv(x, channels, (3, columns(stride)), stride, f"{name}_first", "relu")
        y = conv(y, channels, 3, 1, f"{name}_second")
        gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(y)
        gate = conv(gate, channels // shape.squeeze, 1, 1, f"{name}_reduce", "relu")
        gate = conv(gate, channels, 1, 1, f"{name}_excite", "sigmoid")
        y = layers.Multiply(name=f"{name}_gate")([y, gate])
        if stride > 1:
            x = layers.AveragePooling2D(2, name=f"{name}_pool")(x)
            x = conv(x, channels, 1, 1, f"{name}_shortcut")
        x = layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([x, y]))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(shape.outputs, name="logits")(x), name="emotion")
