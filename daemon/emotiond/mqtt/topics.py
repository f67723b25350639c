"""The topics: ``<prefix>/<device>/…``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topics:
    """Where each message goes."""

    prefix: str
    device: str

    @property
    def availability(self) -> str:
        """``online`` or ``offline``, retained; the last will says ``offline``."""
        return f"{self.prefix}/{self.device}/availability"

    @property
    def state(self) -> str:
        """How the device is, retained."""
        return f"{self.prefix}/{self.device}/state"

    def camera_availability(self, camera: str) -> str:
        """``online`` or ``offline`` of one camera, retained."""
        return f"{self.prefix}/{self.device}/{camera}/availability"

    def event(self, camera: str) -> str:
        """Enter, change and leave of one face."""
        return f"{self.prefix}/{self.device}/{camera}/event"

    def moment(self, camera: str) -> str:
        """Arousing moments of the room."""
        return f"{self.prefix}/{self.device}/{camera}/moment"

    def mood(self, camera: str) -> str:
        """The mood of the room, retained."""
        return f"{self.prefix}/{self.device}/{camera}/mood"

    def faces(self, camera: str) -> str:
        """The faces now in view, retained."""
        return f"{self.prefix}/{self.device}/{camera}/faces"
