"""What ``emotiond analyze`` finds in pictures: the whole way, on which the classifier has its say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from emotiond import parts
from emotiond.config import Camera, Config
from emotiond.records import Face, Frame

#: The camera that every picture comes from.
CAMERA: Final = "still"


def config_of(model: Path | None = None, kind: str = "network") -> Config:
    """Return a configuration at its defaults, but for the detector; without ``model`` it is the one that ships."""
    config = Config(camera=(Camera(name=CAMERA),))
    table = msgspec.structs.replace(config.detector, kind=kind, model=str(model) if model else "")
    return msgspec.structs.replace(config, detector=table)


class Stills:
    """Detects as ``emotiond analyze --min-score weakest`` does."""

    def __init__(self, model: Path, weakest: float) -> None:
        self._pipeline = parts.pipeline(config_of(model), weakest)

    def detect(self, frame: Frame) -> list[Face]:
        """Return the faces of a still from ``CAMERA``, with the scores that both networks gave them."""
        return [face.face for face in self._pipeline.process(frame).faces]
