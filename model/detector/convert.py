"""Turn a run's weights into TFLite: ``python -m model.detector.convert --run FOLDER --tflite FILE``.

The picture's size stays free, and the weights are float16: half the file at the same speed. ``--int8 DATA`` makes weights
and activations int8, by what the pictures of ``DATA`` bring about, all but ``FLOATS``; input and output stay float32.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from model import command, typical
from model.convert import tflite_bytes

#: What int8 is too coarse for: the sums on the way back from stride 16 to 8, which reach far, and the answers, where a
#: logit of -14 would have a box's place in steps of a tenth.
FLOATS = ("raise16", "merged8_out", "StatefulPartitionedCall")
#: What the logits of each stride are raised by. Many cells on a large face frame it almost equally well, so none of them is
#: sure to be the best, and a large face was scored below a small one that is as clearly a face.
RAISED = (0.0, 0.15, 0.8)


def keras_from_run(run: Path) -> Any:
    """Build the Keras network and give it the averaged weights of ``run``, finished or not."""
    from model.checkpoint import start_from, weights_of
    from model.detector.network import Shape, keras_network
    from model.detector.torch_network import TorchNetwork, copy_into_keras

    network = TorchNetwork(Shape())
    start_from(network, weights_of(run))
    model = keras_network(Shape())
    copy_into_keras(network, model, RAISED)
    return model


def main() -> None:
    """Read the arguments and convert."""
    parser = argparse.ArgumentParser(prog="python -m model.detector.convert", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of a training run")
    parser.add_argument("--tflite", type=Path, required=True, help="the .tflite file to write")
    parser.add_argument("--int8", type=Path, metavar="DATA", help="make it int8; the folder with the prepared pictures")
    arguments = parser.parse_args()
    inputs = typical.pictures(arguments.int8) if arguments.int8 else None
    arguments.tflite.write_bytes(tflite_bytes(keras_from_run(arguments.run), inputs, FLOATS))
    print(f"{arguments.tflite}: {arguments.tflite.stat().st_size} bytes")


if __name__ == "__main__":
    command.run(main)
