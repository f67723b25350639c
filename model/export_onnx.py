"""Write a Keras network as ONNX: ``python -m model.export_onnx --keras FILE --onnx FILE``; needs onnx and onnxscript.

The bench sets ONNX Runtime beside ours with it; the daemon has no use for it.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from model import command

# The way over TensorFlow needs a converter that TensorFlow has outgrown.
os.environ["KERAS_BACKEND"] = "torch"


def main() -> None:
    """Read the arguments and convert."""
    parser = argparse.ArgumentParser(prog="python -m model.export_onnx", description=__doc__)
    parser.add_argument("--keras", type=Path, required=True, help="the .keras file to read")
    parser.add_argument("--onnx", type=Path, required=True, help="the .onnx file to write")
    arguments = parser.parse_args()
    import keras
    import numpy as np

    model = keras.models.load_model(arguments.keras, compile=False)
    # Until it has been called, the exporter does not know its shapes.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    model.export(arguments.onnx, format="onnx", verbose=False)
    print(f"{arguments.onnx}: {arguments.onnx.stat().st_size} bytes")


if __name__ == "__main__":
    command.run(main)
