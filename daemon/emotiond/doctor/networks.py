"""The networks: the runtime is there, each file is whole, and each gives what it gave where it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from emotiond import parts
from emotiond.config import Config
from emotiond.doctor.finding import Finding, failure, ok
from emotiond.doctor.patient import Patient
from emotiond.records import Frame
from emotiond.vision.known import agrees, digest, load_known, outputs_of
from emotiond.vision.runtime import RuntimeMissingError, load_runtime
from emotiond.vision.sidecar import SHIPPED, ModelError

ANEW: Final = "install it anew: sudo ./deploy/install.sh"


def examine(patient: Patient) -> list[Finding]:
    """Load and try what the configuration names."""
    config = patient.config or Config()
    try:
        name, interpreter = load_runtime(config.inference.runtime)
    except RuntimeMissingError as error:
        package = "tflite-runtime" if config.inference.runtime == "tflite-runtime" else "ai-edge-litert"
        return [failure("networks", str(error), f"type: {patient.edit('runtime')} or: pip install {package}")]
    chosen = parts.classifier_file(config)
    remedy = ANEW if chosen == SHIPPED else patient.edit("[inference] model")
    models = sorted({chosen, *SHIPPED.parent.glob("*.tflite")})
    try:
        parts.classifier(config)
        for model in models:
            wrong = _wrong(model, interpreter)
            if wrong:
                return [failure("networks", f"{model}: {wrong}", ANEW if model.parent == SHIPPED.parent else remedy)]
        found = len(parts.detector(config).detect(Frame("doctor", 0, 0.0, drawn_face(), "drawn")))
    except ModelError as error:
        return [failure("networks", str(error), remedy)]
    # The drawing is made for the cascade; a network is held against its own outputs.
    if config.detector.kind == "haar" and found != 1:
        return [failure("networks", f"the detector finds {found} faces in a picture of one", ANEW)]
    names = ", ".join(model.name for model in models)
    return [
        ok("networks", f"{name} with {_delegate(interpreter, chosen)}; {names} and the detector give what they must")
    ]


def _wrong(model: Path, interpreter: type) -> str:
    """Say what is wrong with one network; empty where nothing is, or nothing is known of it."""
    known = load_known(model)
    if known is None:
        return ""
    if known.sha256 != digest(model):
        return "is not the file that was released"
    return "" if agrees(known, outputs_of(model, interpreter)) else "gives other outputs than it must"


def _delegate(interpreter: type, model: Path) -> str:
    """Name what does the work: the runtime replaces operators by delegates as it loads a network."""
    loaded = interpreter(model_path=str(model))
    loaded.allocate_tensors()
    operators = {operator["op_name"] for operator in loaded._get_ops_details()}  # noqa: SLF001 - there is no other way
    return "XNNPACK" if "DELEGATE" in operators else "no delegate"


def drawn_face() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Draw a picture with one face, u8 (240, 240, 3): light and shadow as the detector looks for them."""
    picture = np.full((240, 240, 3), 90, np.uint8)
    cv2.ellipse(picture, (120, 125), (62, 82), 0, 0, 360, (190, 190, 190), -1)
    for x in (95, 145):
        cv2.ellipse(picture, (x, 98), (19, 6), 0, 0, 360, (70, 70, 70), -1)
        cv2.ellipse(picture, (x, 110), (15, 7), 0, 0, 360, (50, 50, 50), -1)
    cv2.ellipse(picture, (120, 128), (8, 24), 0, 0, 360, (225, 225, 225), -1)
    cv2.ellipse(picture, (120, 150), (14, 4), 0, 0, 360, (120, 120, 120), -1)
    cv2.ellipse(picture, (120, 172), (26, 6), 0, 0, 360, (80, 80, 80), -1)
    return cv2.GaussianBlur(picture, (9, 9), 0).astype(np.uint8)
