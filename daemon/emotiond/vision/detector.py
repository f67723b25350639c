"""What every face detector promises."""

from __future__ import annotations

from typing import Protocol

from emotiond.records import Face, Frame


class Detector(Protocol):
    """Finds faces; belongs to one thread."""

    def detect(self, frame: Frame) -> list[Face]:
        """Return the faces of ``frame``, boxes in its pixels, in no promised order."""
