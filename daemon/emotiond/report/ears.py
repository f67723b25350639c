"""The two ways in which a recorder hears: as the way out of a daemon of its own, or as a subscriber."""

from __future__ import annotations

from emotiond.mqtt.contract import Envelope, QueueHealth
from emotiond.mqtt.frontdesk import FrontDesk
from emotiond.mqtt.link import Link
from emotiond.report.recorder import Recorder


class Inside:
    """An outlet of the service: what would be published goes to the recorder alone."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def start(self) -> None:
        """The daemon is here, so it is online."""
        self._recorder.online = True

    def send(self, envelope: Envelope) -> None:
        """Hear one message."""
        self._recorder.hear(envelope.topic, envelope.payload)

    def seat(self, desk: FrontDesk) -> None:
        """Nothing comes in here, and nothing stays."""

    def health(self) -> QueueHealth:
        """Nothing ever waits here."""
        return QueueHealth(0, 0, 0, 0, 0, 0, "")

    def status(self) -> str:
        """Say where the messages go."""
        return "recording"

    def stuck(self) -> str:
        """Nothing works in the background."""
        return ""

    def close(self) -> None:
        """Nothing waits."""


class Subscriber:
    """Listens to a broker and never says a word."""

    def __init__(self, link: Link, recorder: Recorder) -> None:
        self._link = link
        self._recorder = recorder

    def connected(self) -> None:
        """Ask for the messages."""
        self._link.subscribe(self._recorder.subscriptions)

    def lost(self) -> None:
        """Nobody knows how the room is until the broker is back."""
        self._recorder.online = False

    def acknowledged(self, number: int, refusal: str) -> None:
        """Nothing was ever published."""

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:  # noqa: ARG002 - what is kept counts too
        """Hear one message."""
        self._recorder.hear(topic, payload)
