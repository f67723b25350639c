"""Clears everything that the broker keeps of a device: Home Assistant forgets it, and no old state stays behind."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.link import Link
from emotiond.mqtt.topics import Topics

#: The broker sends what it retains at once: this long without another message, and that was all.
QUIET_SECONDS: Final = 1.0


class PurgeError(Exception):
    """The broker could not be cleared; the message is one line."""


class StillRunningError(PurgeError):
    """The device is online and would publish everything again."""


@dataclass
class Purge:
    """One visit to the broker: look what it keeps, and empty it."""

    link: Link
    topics: Topics
    discovery_topic: str
    seconds: float
    _kept: dict[str, bytes] = field(default_factory=dict)
    _connected: threading.Event = field(default_factory=threading.Event)
    _heard_seconds: float = float("inf")
    _open: set[int] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)
    _refusal: str = ""

    def run(self, *, force: bool) -> list[str]:
        """Clear and return the topics that held something; raise ``PurgeError`` where that fails."""
        deadline = time.monotonic() + self.seconds
        self.link.start(self)
        try:
            if not self._connected.wait(self.seconds):
                raise PurgeError(f"the broker could not be reached within {self.seconds:g} s")
            self._heard_seconds = time.monotonic()
            self.link.subscribe([f"{self.topics.root}/#", self.discovery_topic])
            while time.monotonic() - self._heard_seconds < QUIET_SECONDS and time.monotonic() < deadline:
                time.sleep(0.05)
            if self._kept.get(self.topics.availability) == b"online" and not force:
                raise StillRunningError(
                    f"{self.topics.device} is online: stop it first, or it comes back; --force goes on"
                )
            self._clear(deadline)
        finally:
            self.link.stop()
        return sorted(self._kept)

    def connected(self) -> None:
        """The broker has let us in."""
        self._connected.set()

    def lost(self) -> None:
        """The connection has gone: the deadline will say so."""

    def acknowledged(self, number: int, refusal: str) -> None:
        """One topic is empty, or may not be written."""
        self._done.add(number)
        self._refusal = refusal or self._refusal

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Something that the broker keeps."""
        if retained and payload:
            self._kept[topic] = payload
            self._heard_seconds = time.monotonic()

    def _clear(self, deadline: float) -> None:
        # Discovery first: entities without a state are better than states without an entity.
        for topic in sorted(self._kept, key=lambda topic: topic != self.discovery_topic):
            number = self.link.publish(Envelope(topic, b"", retain=True), b"")
            if number is None:
                raise PurgeError("the connection to the broker was lost half-way; run it again")
            self._open.add(number)
        while self._open - self._done:
            if time.monotonic() > deadline:
                raise PurgeError("the broker did not acknowledge; run it again")
            time.sleep(0.02)
        if self._refusal:
            raise PurgeError(f"the broker refused: {self._refusal}; may this user write there?")
