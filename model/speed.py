"""Time networks against each other: ``python -m model.speed FIRST.tflite [SECOND.tflite …]``.

Faces per second of each, in one process, in turn, as medians over rounds; the last column is the ratio to the first.
Only ratios mean something on a machine that others use too.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from emotiond.vision.runtime import load_runtime
from emotiond.vision.sidecar import ModelError
from model import command


def prepared(interpreter_class: Any, path: Path, batch: int, threads: int) -> Any:
    """Load ``path`` and fill its input, resized to ``batch``, with noise; raise ``ModelError`` where it is no network."""
    try:
        interpreter = interpreter_class(model_path=str(path), num_threads=threads)
    except ValueError as error:
        raise ModelError(f"{path}: not a TFLite file ({error})") from error
    entry = interpreter.get_input_details()[0]
    shape = (batch, *(int(side) for side in entry["shape"][1:]))
    interpreter.resize_tensor_input(entry["index"], shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], np.random.default_rng(1).random(shape, np.float32))
    return interpreter


def faces_per_second(interpreter: Any, batch: int, seconds: float) -> float:
    """Run for about ``seconds``."""
    started = time.perf_counter()
    runs = 0
    while time.perf_counter() - started < seconds:
        interpreter.invoke()
        runs += 1
    return batch * runs / (time.perf_counter() - started)


def main() -> None:
    """Read the arguments and time."""
    parser = argparse.ArgumentParser(prog="python -m model.speed", description=__doc__)
    parser.add_argument(
        "models", type=Path, nargs="+", help=".tflite files; the first is what others are compared with"
    )
    parser.add_argument("--runtime", default="auto", choices=("auto", "litert", "tflite-runtime"))
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    name, interpreter_class = load_runtime(arguments.runtime)
    networks = [prepared(interpreter_class, path, arguments.batch, arguments.threads) for path in arguments.models]
    rates: list[list[float]] = [[] for _ in networks]
    for _ in range(arguments.rounds):
        for network, column in zip(networks, rates, strict=True):
            column.append(faces_per_second(network, arguments.batch, 0.3))
    first = statistics.median(rates[0])
    print(f"{name}, batch {arguments.batch}, {arguments.threads} threads, median of {arguments.rounds} rounds")
    for path, column in zip(arguments.models, rates, strict=True):
        print(f"{path.name:40} {statistics.median(column):9.0f} faces/s  {statistics.median(column) / first:6.2f}")


if __name__ == "__main__":
    command.run(main)
