"""Turn a run's weights into Keras and TFLite: ``python -m model.convert --run FOLDER --keras FILE --tflite FILE``.

The TFLite file has float16 weights: half the file at the same speed. Without ``--run`` an existing Keras file, a peer
for instance, is converted. ``--int8 DATA`` makes weights and activations int8, by what the faces of ``DATA`` bring about,
all but the answers (``FLOATS``); input and output stay float32, so that the same sidecar serves.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import command, typical

#: The answers: rounded to bytes, two emotions of one face in sixty are equally likely, and the first in the list wins.
FLOATS = ("StatefulPartitionedCall",)

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def keras_from_run(run: Path) -> Any:
    """Build the Keras network and give it the averaged weights of ``run``."""
    from model.checkpoint import start_from, weights_of
    from model.network import Shape, keras_network
    from model.torch_network import TorchNetwork, copy_into_keras

    shape = Shape()
    network = TorchNetwork(shape)
    start_from(network, weights_of(run))
    network.eval()
    model = keras_network(shape)
    copy_into_keras(network, model)
    return model


def tflite_bytes(model: Any, inputs: Iterator[NDArray[np.float32]] | None = None, floats: Sequence[str] = ()) -> bytes:
    """Convert with float16 weights, or to int8 by typical ``inputs``; sizes that are free stay free.

    So the device can resize the batch to its faces. What has a name with one of ``floats`` in it stays float32.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if inputs is None:
        converter.target_spec.supported_types = [tf.float16]
    else:
        seen = [[one] for one in inputs]
        converter.representative_dataset = lambda: seen
        if floats:
            return _in_part(converter, seen, floats)
    converted: bytes = converter.convert()
    return converted


def _in_part(converter: Any, seen: list[list[NDArray[np.float32]]], floats: Sequence[str]) -> bytes:
    """Convert to int8, all but ``floats``: the debugger of quantisation knows the names, and how to leave some out."""
    import tensorflow as tf

    debugger = tf.lite.experimental.QuantizationDebugger(converter=converter, debug_dataset=lambda: seen[:1])
    debugger.run()
    table = io.StringIO()
    debugger.layer_statistics_dump(table)
    names = [row["tensor_name"] for row in csv.DictReader(table.getvalue().splitlines())]
    unknown = [part for part in floats if not any(part in name for name in names)]
    if unknown:
        raise ValueError(f"nothing in the network is called {', '.join(unknown)}")
    chosen = [name for name in names if any(part in name for part in floats)]
    debugger.options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=chosen)
    converted: bytes = debugger.get_nondebug_quantized_model()
    return converted


def main() -> None:
    """Read the arguments and convert."""
    parser = argparse.ArgumentParser(prog="python -m model.convert", description=__doc__)
    parser.add_argument("--run", type=Path, help="folder of a training run")
    parser.add_argument("--keras", type=Path, required=True, help="the .keras file to write; without --run, to read")
    parser.add_argument("--tflite", type=Path, required=True, help="the .tflite file to write")
    parser.add_argument("--int8", type=Path, metavar="DATA", help="make it int8; the folder with FER2013 and its votes")
    arguments = parser.parse_args()
    if arguments.run is not None:
        model = keras_from_run(arguments.run)
        model.save(arguments.keras)
    else:
        import keras

        model = keras.models.load_model(arguments.keras, compile=False)
    inputs, floats = (typical.faces(arguments.int8), FLOATS) if arguments.int8 else (None, ())
    arguments.tflite.write_bytes(tflite_bytes(model, inputs, floats))
    print(f"{arguments.keras}: {arguments.keras.stat().st_size} bytes")
    print(f"{arguments.tflite}: {arguments.tflite.stat().st_size} bytes")


if __name__ == "__main__":
    command.run(main)
