"""What every way out promises."""

from __future__ import annotations

from typing import Protocol

from emotiond.mqtt.contract import Envelope


class Outlet(Protocol):
    """Carries messages out; never blocks the pipeline."""

    #: Messages that could not be kept until somebody took them.
    dropped: int

    def start(self) -> None:
        """Begin to carry."""

    def send(self, envelope: Envelope) -> None:
        """Carry one message out."""

    def status(self) -> str:
        """Say in a few words how it goes, for the service's status."""

    def close(self) -> None:
        """Deliver what waits, within bounds, and stop."""
