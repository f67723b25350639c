"""Watches messages on their way: which frame each came from, and when the broker has acknowledged it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.link import Link, Listener
from emotiond.mqtt.newsroom import Newsroom
from emotiond.records import Scene


class Seen(NamedTuple):
    """What came of one frame."""

    time_seconds: float
    faces: int
    readings: int
    #: Nobody has decoded it.
    blank: bool


@dataclass
class Stamped(Newsroom):
    """A newsroom that remembers the frame of every message, and what was found and read."""

    #: The message itself is kept, so that its id stays its own.
    captured: dict[int, tuple[Envelope, float]] = field(default_factory=dict)
    scenes: list[Seen] = field(default_factory=list)

    def scene(self, scene: Scene) -> list[Envelope]:
        """Write what one frame has brought."""
        envelopes = super().scene(scene)
        seconds = scene.frame.time_seconds
        self.captured |= {id(envelope): (envelope, seconds) for envelope in envelopes}
        self.scenes.append(Seen(seconds, scene.room.faces, scene.readings, scene.frame.blank))
        return envelopes


class _Ear:
    """Notes when each message was acknowledged, and passes everything on."""

    def __init__(self, listener: Listener, acknowledged: dict[int, float]) -> None:
        self._listener = listener
        self._acknowledged = acknowledged

    def connected(self) -> None:
        self._listener.connected()

    def lost(self) -> None:
        self._listener.lost()

    def acknowledged(self, number: int, refusal: str) -> None:
        self._acknowledged[number] = time.monotonic()
        self._listener.acknowledged(number, refusal)

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        self._listener.heard(topic, payload, retained=retained)


class Witness:
    """A link that notes when each message was acknowledged; the courier knows nothing of it."""

    def __init__(self, link: Link, newsroom: Stamped) -> None:
        self._link = link
        self._newsroom = newsroom
        # An acknowledgement may be here before `publish` has returned: both are noted, and put together at the end.
        self._captured: dict[int, float] = {}
        self._acknowledged: dict[int, float] = {}

    def latencies(self, since_seconds: float) -> list[float]:
        """Return the seconds from the capture of a frame to the broker's word, of messages of frames from then on."""
        return sorted(
            self._acknowledged[number] - captured
            for number, captured in self._captured.items()
            if captured >= since_seconds and number in self._acknowledged
        )

    def start(self, listener: Listener) -> None:
        """Connect in the background."""
        self._link.start(_Ear(listener, self._acknowledged))

    @property
    def connected(self) -> bool:
        """Whether messages can be given to the broker now."""
        return self._link.connected

    @property
    def alive(self) -> bool:
        """Whether it still tries."""
        return self._link.alive

    def publish(self, envelope: Envelope, payload: bytes) -> int | None:
        """Give a message to the broker."""
        number = self._link.publish(envelope, payload)
        # Looked up at once: the id of a message that is of no frame may be another's as soon as it is gone.
        stamp = self._newsroom.captured.get(id(envelope))
        if number is not None and stamp is not None:
            self._captured[number] = stamp[1]
        return number

    def subscribe(self, topics: list[str]) -> None:
        """Ask for messages."""
        self._link.subscribe(topics)

    def unsubscribe(self, topics: list[str]) -> None:
        """Ask for no more of them."""
        self._link.unsubscribe(topics)

    def stuck(self) -> str:
        """Name what hangs."""
        return self._link.stuck()

    def stop(self) -> None:
        """Disconnect and end."""
        self._link.stop()
