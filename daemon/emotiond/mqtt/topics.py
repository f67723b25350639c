"""The topics: ``<prefix>/<device>/…``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: What the broker keeps of each camera.
RETAINED_OF_A_CAMERA: Final = ("availability", "mood", "faces")


@dataclass(frozen=True)
class Topics:
    """Where each message goes."""

    prefix: str
    device: str

    @property
    def root(self) -> str:
        """What all topics of the device begin with."""
        return f"{self.prefix}/{self.device}"

    @property
    def availability(self) -> str:
        """``online`` or ``offline``, retained; the last will says ``offline``."""
        return f"{self.root}/availability"

    @property
    def state(self) -> str:
        """How the device is, retained."""
        return f"{self.root}/state"

    def camera_availability(self, camera: str) -> str:
        """``online`` or ``offline`` of one camera, retained."""
        return self.of_camera(camera, "availability")

    def event(self, camera: str) -> str:
        """Enter, change and leave of one face."""
        return self.of_camera(camera, "event")

    def moment(self, camera: str) -> str:
        """Arousing moments of the room."""
        return f"{self.prefix}/{self.device}/{camera}/moment"

    def mood(self, camera: str) -> str:
        """The mood of the room, retained."""
        return self.of_camera(camera, "mood")

    def faces(self, camera: str) -> str:
        """The faces now in view, retained."""
        return self.of_camera(camera, "faces")

    def request(self, command: str) -> str:
        """Where a command is asked for."""
        return f"{self.root}/request/{command}"

    def response(self, command: str) -> str:
        """Where it is answered."""
        return f"{self.root}/response/{command}"

    def of_camera(self, camera: str, what: str) -> str:
        """One topic of one camera."""
        return f"{self.root}/{camera}/{what}"

    def command_of(self, topic: str) -> str | None:
        """Return the command that is asked for on ``topic``; None where it is no such topic."""
        begin = f"{self.root}/request/"
        return topic.removeprefix(begin) if topic.startswith(begin) else None

    def camera_of(self, topic: str) -> str | None:
        """Return the camera whose retained topic this is; None where it is no such topic."""
        camera, _, what = topic.removeprefix(f"{self.root}/").partition("/")
        known = topic.startswith(f"{self.root}/") and what in RETAINED_OF_A_CAMERA
        return camera if known and camera not in ("request", "response") else None
