"""What a peer's own interpreter runs: ``python guest.py KIND FRAMES.npy [MODEL]``, on its own libraries alone.

FRAMES is u8 (n, height, width, 3) BGR. The first line written is who it is, or why it cannot be; then each line read is
the number of a frame, and is answered with how many faces were read and in how many seconds. Nothing of ours is
imported: peers pin other versions of the same libraries than we do.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

BATCH = 16

Work = Callable[[Any], int]


def fer(*, mtcnn: bool) -> tuple[str, Work]:
    """Return the package ``fer`` with its defaults, or with its better detector."""
    reader = importlib.import_module("fer.fer").FER(mtcnn=mtcnn)
    name = f"fer {importlib.metadata.version('fer')}"
    return f"{name}, {'MTCNN' if mtcnn else 'defaults'}", lambda frame: len(reader.detect_emotions(frame))


def predict(path: str) -> tuple[str, Work]:
    """Return the loop of the tutorials: Haar, then one ``predict`` of Keras for each face."""
    model = _keras(path)
    haar: str = cv2.data.haarcascades  # type: ignore[attr-defined]
    cascade = cv2.CascadeClassifier(haar + "haarcascade_frontalface_default.xml")
    side = model.input_shape[1]

    def work(frame: Any) -> int:
        gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        boxes = cascade.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=5, minSize=(30, 30))
        for x, y, width, height in boxes:
            face = cv2.resize(gray[y : y + height, x : x + width], (side, side)).astype(np.float32)
            model.predict((face / 127.5 - 1.0)[None, :, :, None], verbose=0)[0].argmax()
        return len(boxes)

    return f"Haar and mini_XCEPTION, Keras {importlib.metadata.version('keras')}, one predict() per face", work


def batch(path: str) -> tuple[str, Work]:
    """Return the network alone, a batch at a time, whatever the frame shows."""
    model = _keras(path)
    faces = np.random.default_rng(1).uniform(-1.0, 1.0, (BATCH, *model.input_shape[1:])).astype(np.float32)

    def work(_frame: Any) -> int:
        return len(model.predict(faces, batch_size=BATCH, verbose=0))

    return f"mini_XCEPTION, Keras {importlib.metadata.version('keras')}", work


def main() -> None:
    """Answer until nobody asks any more."""
    kind, frames, *rest = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library prints must not come between the answers.
    os.dup2(2, 1)
    kinds = {
        "fer": lambda: fer(mtcnn=False),
        "fer-mtcnn": lambda: fer(mtcnn=True),
        "predict": lambda: predict(rest[0]),
        "batch": lambda: batch(rest[0]),
    }
    try:
        name, work = kinds[kind]()
    except Exception as error:  # noqa: BLE001 - whatever fails in another's library is why it cannot be compared
        print(json.dumps({"missing": f"{type(error).__name__}: {error}".splitlines()[0]}), file=answers, flush=True)
        return
    pictures = np.load(frames, mmap_mode="r")
    work(np.array(pictures[0]))
    print(json.dumps({"name": name}), file=answers, flush=True)
    for line in sys.stdin:
        frame = np.array(pictures[int(line) % len(pictures)])
        began = time.perf_counter()
        faces = work(frame)
        print(json.dumps({"faces": faces, "seconds": time.perf_counter() - began}), file=answers, flush=True)


def _keras(path: str) -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return importlib.import_module("keras").models.load_model(path, compile=False)


if __name__ == "__main__":
    main()
