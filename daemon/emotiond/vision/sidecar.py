"""The sidecar: the JSON file beside a ``.tflite`` that says how to feed the network and how to read it.

The daemon trusts the sidecar alone: nothing about a network is guessed from its file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from emotiond.records import EMOTIONS

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
AnySidecar = TypeVar("AnySidecar")
SHIPPED = Path(__file__).parent.parent / "models" / "emotion.tflite"


class ModelError(Exception):
    """A network or its sidecar cannot be used; the message is one line that names the file."""


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the network reads: faces of this size, one channel (gray) or three (RGB), ``pixel * scale + offset``."""

    height_pixels: Annotated[int, Meta(ge=8, le=1024)]
    width_pixels: Annotated[int, Meta(ge=8, le=1024)]
    channels: Literal[1, 3]
    scale: float
    offset: float = 0.0
    #: Side of the square that is cut out, as a multiple of the longer side of the detector's box.
    crop_scale: Annotated[float, Meta(gt=0.2, lt=5.0)] = 1.0


class SecondOpinion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the network's word moves a detector's score: see ``vision/second.py``. Shares of its log-odds."""

    #: Where it says that this is rather no face,
    against: Annotated[float, Meta(ge=0.0, le=1.0)]
    #: and where it says that it is one, for a face that is perfectly seen;
    in_favour: Annotated[float, Meta(ge=0.0, le=1.0)]
    #: log-odds in favour count up to here.
    most: Annotated[float, Meta(gt=0.0, le=20.0)]


class Sidecar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that the daemon knows about a classifier."""

    schema: Literal[1]
    input: Input
    #: The network's outputs in their order, in its own words.
    labels: tuple[str, ...]
    #: Whether the outputs are logits or probabilities already.
    output: Literal["logits", "probabilities"]
    #: From the network's words to ours, where they differ; a label of neither kind is dropped.
    label_map: dict[str, str] = {}
    #: Logits are divided by this before they become probabilities.
    temperature: Annotated[float, Meta(gt=0.0)] = 1.0
    #: Share of each emotion that the network has learned to expect, in the order of ``EMOTIONS``.
    prior: tuple[float, ...] = ()
    #: Probabilities are divided by the prior to this power: 0 leaves them, 1 makes all emotions equally likely.
    prior_power: Fraction = 0.0
    #: Below this confidence a face is ``unknown``.
    unknown_below: Fraction = 0.0
    #: From this probability of ``not_a_face`` on, a detection is rejected.
    reject_above: Fraction = 1.0
    #: Whether a still's detection is a face is asked of both networks; None leaves it to the detector.
    second_opinion: SecondOpinion | None = None
    #: Smaller faces are not read.
    min_face_pixels: Annotated[float, Meta(ge=0.0)] = 0.0
    #: What was measured, and how the weights came to be: for people, not for the daemon.
    figures: dict[str, Any] = {}
    training: dict[str, Any] = {}

    def emotion_columns(self) -> NDArray[np.intp]:
        """Column of each of ``EMOTIONS`` among the outputs; -1 where the network knows no such emotion."""
        ours = [self.label_map.get(label, label) for label in self.labels]
        return np.array([ours.index(emotion) if emotion in ours else -1 for emotion in EMOTIONS], np.intp)

    def reject_column(self) -> int | None:
        """Column of ``not_a_face``, None where the network has none."""
        ours = [self.label_map.get(label, label) for label in self.labels]
        return ours.index("not_a_face") if "not_a_face" in ours else None


def decoded(model: Path, kind: type[AnySidecar], word: str) -> tuple[Path, AnySidecar]:
    """Return where the sidecar of ``model`` is and what it says; raise ``ModelError`` where it is not ``word``."""
    path = model.with_suffix(".json")
    try:
        return path, msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise ModelError(f"{path}: the sidecar of {model.name} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ModelError(f"{path}: not {word}: {error}") from error


def load_sidecar(model: Path) -> Sidecar:
    """Read the sidecar of ``model`` (``x.tflite`` has ``x.json``); raise ``ModelError`` where it does not serve."""
    path, sidecar = decoded(model, Sidecar, "a sidecar")
    if (sidecar.emotion_columns() < 0).all():
        raise ModelError(f"{path}: labels: none of them is one of {', '.join(EMOTIONS)}; label_map can translate")
    if len(set(sidecar.labels)) != len(sidecar.labels):
        raise ModelError(f"{path}: labels: one is given twice")
    good = len(sidecar.prior) == len(EMOTIONS) and min(sidecar.prior) > 0.0
    if not good and (sidecar.prior or sidecar.prior_power > 0.0):
        raise ModelError(f"{path}: prior: needs {len(EMOTIONS)} positive shares")
    if sidecar.second_opinion and sidecar.reject_column() is None:
        raise ModelError(f"{path}: second_opinion: needs a label that means not_a_face")
    return sidecar
