"""All that one configuration has made; a reload makes another crew, in which stays what nothing has changed for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from emotiond.capture.reader import Reader
from emotiond.config import Camera, CameraDetector, Config
from emotiond.control import Control
from emotiond.gears import Gears
from emotiond.mqtt.frontdesk import FrontDesk
from emotiond.mqtt.newsroom import Newsroom
from emotiond.mqtt.outlet import Outlet
from emotiond.pipeline import Pipeline
from emotiond.system.progress import Progress
from emotiond.vision.detector import Detector
from emotiond.vision.reader import FaceReader

Lasting = Literal["reader", "detector", "classifier", "outlet"]
#: What is slow to make or has a connection, and the tables that it is made from: it lasts for as long as none of them
#: differs. A reader is made from its own ``[[camera]]`` besides, but for how faces are looked for. Everything else is made
#: anew by every reload.
MADE_FROM: Final[dict[Lasting, tuple[str, ...]]] = {
    "reader": ("capture",),
    "detector": ("detector", "inference"),
    "classifier": ("inference",),
    "outlet": ("mqtt", "privacy", "deployment"),
}


@dataclass(frozen=True)
class Crew:
    """The parts that work together under one configuration."""

    config: Config
    readers: tuple[Reader, ...]
    detector: Detector
    classifier: FaceReader
    pipeline: Pipeline
    newsroom: Newsroom
    outlet: Outlet
    #: Where what comes in from the broker is taken in.
    desk: FrontDesk
    control: Control
    progress: Progress
    gears: Gears

    def lasts(self, part: Lasting, config: Config) -> bool:
        """Say whether ``config`` would make this part once more as it is."""
        return not set(MADE_FROM[part]) & set(self.differs(config))

    def differs(self, config: Config) -> list[str]:
        """Name the tables in which ``config`` is another one."""
        names = config.__struct_fields__
        return [name for name in names if getattr(self.config, name) != getattr(config, name)]

    def reader(self, camera: Camera, config: Config) -> Reader | None:
        """Return the reader of a camera, where it may go on."""
        if not self.lasts("reader", config) or _as_read(camera) not in map(_as_read, self.config.camera):
            return None
        return next(reader for reader in self.readers if reader.camera == camera.name)

    def take_over(self, before: Crew) -> None:
        """Go on where ``before`` stands: with its tracks, its visits and the numbers of its messages."""
        self.pipeline.take_over(before.pipeline)
        self.newsroom.take_over(before.newsroom)

    def without(self, other: Crew) -> list[Reader]:
        """Return the readers that are here and not in ``other``."""
        return [reader for reader in self.readers if reader not in other.readers]


def _as_read(camera: Camera) -> Camera:
    """Return all of a camera's table that its reader is made from."""
    return msgspec.structs.replace(camera, detector=CameraDetector())
