"""Hears what a device says of its rooms and writes it down once a second."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import msgspec

from emotiond.mqtt.clock import in_words
from emotiond.mqtt.contract import RoomState
from emotiond.mqtt.topics import Topics
from emotiond.records import EMOTIONS
from emotiond.report.growing import Growing
from emotiond.report.second import Second
from emotiond.report.spreadsheet import as_line

#: How often the table is brought to the disk; more often would wear out an SD card.
SETTLE_SECONDS: Final = 60


@dataclass
class Recorder:
    """Keeps the newest mood of each camera that is online; ``hear`` and ``rows`` may come from two threads."""

    topics: Topics
    #: Whether the device is there; its availability topic changes that.
    online: bool = False
    _rooms: dict[str, RoomState] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def subscriptions(self) -> list[str]:
        """The topics that are needed."""
        root = self.topics.root
        return [self.topics.availability, f"{root}/+/availability", f"{root}/+/mood"]

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in one message; what is none of ours is passed over."""
        camera = self.topics.camera_of(topic)
        with self._lock:
            if topic == self.topics.availability:
                self.online = payload == b"online"
            elif camera and topic == self.topics.camera_availability(camera):
                if payload != b"online":
                    self._rooms.pop(camera, None)
            elif camera and topic == self.topics.mood(camera):
                try:
                    self._rooms[camera] = msgspec.json.decode(payload, type=RoomState)
                except msgspec.DecodeError:
                    self._rooms.pop(camera, None)

    def rows(self, wall_seconds: float, second: int) -> list[Second]:
        """Return what stands now, one row for each camera; none for those that are away."""
        with self._lock:
            rooms = dict(self._rooms) if self.online else {}
        now = in_words(wall_seconds)
        return [Second(camera, second, room.faces, _shares(room), now) for camera, room in sorted(rooms.items())]


def write_down(recorder: Recorder, table: Growing, stop: threading.Event, seconds: float | None) -> int:
    """Write a row per camera and second until ``stop``, or for that long; return how many were written.

    Raise ``OutputError`` where the table cannot be written.
    """
    began = time.monotonic()
    rows = number = 0
    while seconds is None or number < seconds:
        if stop.wait(max(0.0, began + number + 1 - time.monotonic())):
            break
        written = recorder.rows(time.time(), number)
        table.write(b"".join(map(as_line, written)))
        if number % SETTLE_SECONDS == SETTLE_SECONDS - 1:
            table.settle()
        table.flush()
        rows += len(written)
        number += 1
    table.settle()
    return rows


def _shares(room: RoomState) -> tuple[float, ...] | None:
    return tuple(room.scores.get(emotion, 0.0) for emotion in EMOTIONS) if room.emotion else None
