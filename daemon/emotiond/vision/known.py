"""What a network gives on an input made by rule: recorded where it was made, asked again where it runs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from emotiond.vision.sidecar import ModelError

#: Faces in the batch: more than one, so that the resize is tried as well.
BATCH: Final = 3
#: How far an output may be away, as a share of the largest one: architectures round differently.
TOLERANCE: Final = 0.1

Floats = NDArray[np.float32]


class Known(msgspec.Struct, frozen=True):
    """``X.known.json`` beside ``X.tflite``."""

    #: SHA-256 of the network's file.
    sha256: str
    #: Its outputs on ``pattern``, one list for each, flat.
    outputs: list[list[float]]


def pattern(shape: tuple[int, ...]) -> Floats:
    """Return waves of 0..1, f32 of ``shape``, the same on every machine."""
    index = np.arange(int(np.prod(shape)), dtype=np.float64)
    waves = 0.5 + 0.25 * np.sin(index * 0.061) + 0.25 * np.sin(index * 0.0093 + 1.0)
    return np.ascontiguousarray(waves.reshape(shape), np.float32)


def outputs_of(model: Path, interpreter_class: Any) -> list[Floats]:
    """Run ``model`` on ``pattern``; raise ``ModelError`` where it cannot be run."""
    try:
        interpreter = interpreter_class(model_path=str(model), num_threads=1)
        details = interpreter.get_input_details()[0]
        # A network with a batch of its own choosing takes ours; another keeps what it has.
        batch = BATCH if details["shape_signature"][0] == -1 else int(details["shape"][0])
        shape = (batch, *(int(side) for side in details["shape"][1:]))
        interpreter.resize_tensor_input(details["index"], shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(details["index"], pattern(shape).astype(details["dtype"]))
        interpreter.invoke()
        return [
            np.asarray(interpreter.get_tensor(output["index"]), np.float32)
            for output in interpreter.get_output_details()
        ]
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{model}: cannot be run: {str(error).strip().splitlines()[0]}") from error


def digest(model: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(model.read_bytes()).hexdigest()


def load_known(model: Path) -> Known | None:
    """Read what is known of ``model``; None where nothing is."""
    try:
        return msgspec.json.decode(model.with_suffix(".known.json").read_bytes(), type=Known)
    except (OSError, msgspec.DecodeError):
        return None


def agrees(known: Known, outputs: list[Floats]) -> bool:
    """Say whether a network gives what it gave where it was made."""
    expected = [np.array(values, np.float32) for values in known.outputs]
    if [len(values) for values in expected] != [output.size for output in outputs]:
        return False
    return all(
        bool(np.abs(output.ravel() - values).max() <= TOLERANCE * max(1.0, float(np.abs(values).max())))
        for output, values in zip(outputs, expected, strict=True)
    )
