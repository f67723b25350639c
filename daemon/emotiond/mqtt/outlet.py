"""What every way out promises."""

from __future__ import annotations

from typing import Protocol

from emotiond.mqtt.contract import Envelope, QueueHealth
from emotiond.mqtt.frontdesk import FrontDesk


class Outlet(Protocol):
    """Carries messages out; never blocks the pipeline."""

    def start(self) -> None:
        """Begin to carry."""

    def send(self, envelope: Envelope) -> None:
        """Carry one message out."""

    def seat(self, desk: FrontDesk) -> None:
        """Take in messages at another desk from now on, and clear what cameras have left that it does not know."""

    def health(self) -> QueueHealth:
        """Count what waits and what could not be kept."""

    def status(self) -> str:
        """Say in a few words how it goes, for the service's status."""

    def stuck(self) -> str:
        """Name what hangs, where something has been inside one item for longer than it may; empty where all is well."""

    def close(self) -> None:
        """Deliver what waits, within bounds, and stop."""
