"""Record what a network gives on a generated input, for the self-test: ``python -m model.known FILE.tflite …``.

Run it whenever a network that ships has been written anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from emotiond.vision.known import Known, digest, outputs_of
from emotiond.vision.runtime import load_runtime
from model import command


def main() -> None:
    """Read the arguments and record."""
    parser = argparse.ArgumentParser(prog="python -m model.known", description=__doc__)
    parser.add_argument("models", type=Path, nargs="+", metavar="FILE.tflite")
    for model in parser.parse_args().models:
        outputs = outputs_of(model, load_runtime("auto")[1])
        known = Known(digest(model), [[round(float(value), 5) for value in output.ravel()] for output in outputs])
        file = model.with_suffix(".known.json")
        file.write_bytes(msgspec.json.encode(known) + b"\n")
        print(f"{file}: {sum(map(len, known.outputs))} outputs")


if __name__ == "__main__":
    command.run(main)
