"""What every reader of faces promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from emotiond.records import Box, Frame, Reading
from emotiond.vision.sidecar import Sidecar


class FaceReader(Protocol):
    """Reads expressions; belongs to one thread."""

    @property
    def sidecar(self) -> Sidecar:
        """What is known about its network."""

    def read(self, frame: Frame, boxes: Sequence[Box]) -> list[Reading]:
        """Return one reading for each of ``boxes``, pixels of ``frame``; an unreadable one has the quality 0."""
