"""The shape of the detector, and its Keras form: plain 3x3 convolutions over luma, three strides, one shared head.

Input f32 (1, h, w, 1) in [0, 1], h and w multiples of 32 and free. Outputs f32 (1, h/s, w/s, 5) for the strides s of
``STRIDES``: logit, dx, dy, log width, log height; ``targets`` says what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STRIDES = (8, 16, 32)
OUTPUTS = 5


@dataclass(frozen=True)
class Shape:
    """Channels of the two layers before stride 8, of everything from there on, and of the head."""

    stem_channels: int = 16
    quarter_channels: int = 24
    channels: int = 48
    head_channels: int = 96


def multiply_adds(shape: Shape, height: int, width: int) -> int:
    """Count the multiply-adds of one picture."""
    area = height * width
    wide = 9 * shape.channels**2
    total = area // 4 * 9 * shape.stem_channels
    total += area // 16 * 9 * shape.stem_channels * shape.quarter_channels
    # Per stride: the way down, the blocks, the way up to the next finer one.
    total += area // 64 * (9 * shape.quarter_channels * shape.channels + 4 * wide)
    total += area // 256 * (7 * wide + 4 * shape.channels**2)
    total += area // 1024 * (5 * wide + 4 * shape.channels**2)
    head = shape.head_channels * (9 * shape.channels + OUTPUTS)
    return total + sum(area // stride**2 for stride in STRIDES) * head


def keras_network(shape: Shape) -> Any:
    """Build the inference form in Keras, normalisation folded into the convolutions; the picture's size stays free."""
    import keras
    import tensorflow as tf
    from keras import layers

    class Unfold(layers.Layer):  # type: ignore[misc]
        """Four times the channels into twice the height and width."""

        def call(self, x: Any) -> Any:
            return tf.nn.depth_to_space(x, 2)

    def conv(x: Any, channels: int, name: str, size: int = 3, stride: int = 1, activation: str | None = "relu") -> Any:
        return layers.Conv2D(channels, size, strides=stride, padding="same", activation=activation, name=name)(x)

    def block(x: Any, name: str) -> Any:
        y = conv(conv(x, shape.channels, f"{name}_first"), shape.channels, f"{name}_second", activation=None)
        return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([x, y]))

    def raised(small: Any, large: Any, name: str) -> Any:
        unfolded = Unfold(name=f"{name}_unfold")(conv(small, 4 * shape.channels, name, 1, activation=None))
        return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([large, unfolded]))

    inputs = keras.Input((None, None, 1), batch_size=1, name="luma")
    x = conv(inputs, shape.stem_channels, "stem", stride=2)
    x = conv(x, shape.quarter_channels, "quarter", stride=2)
    eighth = block(conv(x, shape.channels, "eighth", stride=2), "block8")
    sixteenth = block(block(conv(eighth, shape.channels, "sixteenth", stride=2), "block16"), "deep16")
    last = block(block(conv(sixteenth, shape.channels, "last", stride=2), "block32"), "deep32")
    sixteenth = block(raised(last, sixteenth, "raise32"), "merged16")
    eighth = block(raised(sixteenth, eighth, "raise16"), "merged8")
    head = layers.Conv2D(shape.head_channels, 3, padding="same", activation="relu", name="head")
    # One answer for all strides, but for what its scores are raised by.
    maps = zip(STRIDES, (eighth, sixteenth, last), strict=True)
    answers = [layers.Conv2D(OUTPUTS, 1, name=f"answer{stride}")(head(level)) for stride, level in maps]
    return keras.Model(inputs, answers, name="faces")
