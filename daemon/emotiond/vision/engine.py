"""One TFLite interpreter with one thread: faces in, raw outputs out. Several of them work at the same time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Box, Frame
from emotiond.vision.batch import fill
from emotiond.vision.sidecar import Input


class Outcome(NamedTuple):
    """What came out for n faces."""

    #: f32 (n, labels), as the network gave them.
    outputs: NDArray[np.float32]
    #: f64 (n,), see ``quality.sharpness``.
    sharpness: NDArray[np.float64]


class Engine:
    """Owns an interpreter and the shape of its input; used by one thread at a time."""

    def __init__(self, interpreter: Any, contract: Input) -> None:
        self._interpreter = interpreter
        self._contract = contract
        self._input = interpreter.get_input_details()[0]
        self._output = interpreter.get_output_details()[0]
        self._batch = 0
        #: Time spent so far in cutting faces out, and in the network.
        self.batch_seconds = 0.0
        self.network_seconds = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of a face."""
        return tuple(int(side) for side in self._input["shape"][1:])

    @property
    def outputs(self) -> int:
        """How many numbers come out for a face."""
        return int(self._output["shape"][-1])

    @property
    def reads_floats(self) -> bool:
        """Whether the input is float32."""
        return bool(self._input["dtype"] == np.float32)

    def run(self, frame: Frame, boxes: Sequence[Box]) -> Outcome:
        """Cut the faces in ``boxes`` out, pixels of ``frame``, and take them through the network."""
        began = time.perf_counter()
        self._resize(len(boxes))
        # `invoke` refuses to run while a view of a tensor is alive: it lives in this one call alone.
        sharpness = fill(self._interpreter.tensor(self._input["index"])(), frame, boxes, self._contract)
        filled = time.perf_counter()
        self._interpreter.invoke()
        outputs = self._interpreter.get_tensor(self._output["index"])
        self.batch_seconds += filled - began
        self.network_seconds += time.perf_counter() - filled
        return Outcome(outputs, sharpness)

    def _resize(self, batch: int) -> None:
        # Exactly as large as it must be: a resize costs less than padding does.
        if batch != self._batch:
            contract = self._contract
            shape = (batch, contract.height_pixels, contract.width_pixels, contract.channels)
            self._interpreter.resize_tensor_input(self._input["index"], shape)
            self._interpreter.allocate_tensors()
            self._batch = batch
