"""What the courier and the connection know of each other."""

from __future__ import annotations

from typing import Protocol

from emotiond.mqtt.contract import Envelope


class Listener(Protocol):
    """Is told what the connection sees, in the connection's own thread: must return at once."""

    def connected(self) -> None:
        """The broker has let us in."""

    def lost(self) -> None:
        """The connection has gone."""

    def acknowledged(self, number: int, refusal: str) -> None:
        """The broker has taken the message of that number, or refused it for the reason given."""

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message has come in."""


class Link(Protocol):
    """A connection that keeps itself alive."""

    def start(self, listener: Listener) -> None:
        """Connect in the background, for as long as it takes."""

    @property
    def connected(self) -> bool:
        """Whether messages can be given to the broker now."""

    @property
    def alive(self) -> bool:
        """Whether it still tries: false only after a fault of ours."""

    def publish(self, envelope: Envelope, payload: bytes) -> int | None:
        """Give a message to the broker; return its number, None where the connection has gone."""

    def subscribe(self, topics: list[str]) -> None:
        """Ask for messages on these topics, if any."""

    def unsubscribe(self, topics: list[str]) -> None:
        """Ask for no more of them, if any."""

    def stuck(self) -> str:
        """Name what hangs; empty where all is well, a broker that is away included."""

    def stop(self) -> None:
        """Disconnect and end."""
