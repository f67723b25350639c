"""The outlet for pipes and people: every message as one JSON line."""

from __future__ import annotations

from typing import TextIO

import msgspec

from emotiond.mqtt.contract import Envelope, QueueHealth
from emotiond.mqtt.frontdesk import FrontDesk


class Stdout:
    """Writes ``{"topic": …, "retain": …, "payload": …}``; the payload is the message itself."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def start(self) -> None:
        """Nothing to begin."""

    def send(self, envelope: Envelope) -> None:
        """Write one line; whoever reads the pipe sees it at once."""
        # Availability is a bare word on the wire; a JSON line needs it quoted.
        bare = envelope.payload in (b"online", b"offline")
        payload = envelope.payload.decode() if bare else msgspec.Raw(envelope.payload)
        line = msgspec.json.encode({"topic": envelope.topic, "retain": envelope.retain, "payload": payload})
        self._stream.write(line.decode() + "\n")
        self._stream.flush()

    def seat(self, desk: FrontDesk) -> None:
        """Nothing comes in here, and nothing stays."""

    def health(self) -> QueueHealth:
        """Nothing ever waits here."""
        return QueueHealth(0, 0, 0, 0, 0, 0, "")

    def status(self) -> str:
        """Say where the messages go."""
        return "writing to standard output"

    def stuck(self) -> str:
        """Nothing works in the background."""
        return ""

    def close(self) -> None:
        """Nothing waits."""
