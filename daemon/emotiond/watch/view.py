"""What is known of the devices of one broker, from the messages that came in; nothing is ever sent."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from emotiond.mqtt.contract import FaceEvent, RoomState
from emotiond.mqtt.link import Link
from emotiond.watch.heard import StateHeard

#: Events that are remembered; a screen has room for fewer.
MOST_EVENTS: Final = 50
#: Devices, and cameras of one, that are remembered at most: a broker may hold anything.
MOST_DEVICES: Final = 100


@dataclass
class CameraView:
    """One camera."""

    online: bool | None = None
    room: RoomState | None = None


@dataclass
class DeviceView:
    """One device."""

    online: bool | None = None
    state: StateHeard | None = None
    cameras: dict[str, CameraView] = field(default_factory=dict)


class View:
    """Takes in messages in the connection's thread and is looked at from another, under ``lock``."""

    def __init__(self, prefix: str, device: str | None) -> None:
        self._prefix = prefix
        self._device = device
        self.lock = threading.Lock()
        #: Set when there is something new to show.
        self.news = threading.Event()
        self.connected = False
        self.devices: dict[str, DeviceView] = {}
        #: (time, camera, words), the newest first.
        self.events: deque[tuple[str, str, str]] = deque(maxlen=MOST_EVENTS)

    @property
    def subscriptions(self) -> list[str]:
        """The topics that are needed, and no others."""
        root = f"{self._prefix}/{self._device or '+'}"
        return [f"{root}/availability", f"{root}/state", *(f"{root}/+/{w}" for w in ("availability", "mood", "event"))]

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in one message; what is none of ours is passed over."""
        prefix, _, rest = topic.partition("/")
        name, *path = rest.split("/")
        with self.lock:
            if prefix != self._prefix or (name not in self.devices and len(self.devices) >= MOST_DEVICES):
                return
            device = self.devices.setdefault(name, DeviceView())
            try:
                if len(path) == 1:
                    self._of_device(device, path[0], payload)
                elif len(path) == 2 and (path[0] in device.cameras or len(device.cameras) < MOST_DEVICES):
                    self._of_camera(device, name, path[0], path[1], payload)
            except msgspec.DecodeError:
                return
        self.news.set()

    def _of_device(self, device: DeviceView, what: str, payload: bytes) -> None:
        if what == "availability":
            device.online = payload == b"online"
        elif what == "state":
            device.state = msgspec.json.decode(payload, type=StateHeard)
            for camera in device.state.cameras:
                device.cameras.setdefault(camera, CameraView())

    def _of_camera(self, device: DeviceView, name: str, camera: str, what: str, payload: bytes) -> None:
        view = device.cameras.setdefault(camera, CameraView())
        if what == "availability":
            view.online = payload == b"online"
        elif what == "mood":
            view.room = msgspec.json.decode(payload, type=RoomState)
        elif what == "event":
            event = msgspec.json.decode(payload, type=FaceEvent)
            where = camera if self._device else f"{name}/{camera}"
            self.events.appendleft((_clock(event.time), where, in_words(event)))


@dataclass
class Onlooker:
    """The connection's listener: subscribes and hears, and never publishes."""

    link: Link
    view: View

    def connected(self) -> None:
        """Ask for the messages."""
        self.link.subscribe(self.view.subscriptions)
        self._changed(connected=True)

    def lost(self) -> None:
        """Say that what stands is old."""
        self._changed(connected=False)

    def acknowledged(self, number: int, refusal: str) -> None:
        """Nothing was ever published."""

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:  # noqa: ARG002 - what is kept counts too
        """Take in one message."""
        self.view.hear(topic, payload)

    def _changed(self, *, connected: bool) -> None:
        self.view.connected = connected
        self.view.news.set()


def in_words(event: FaceEvent) -> str:
    """Tell an event in one line."""
    late = " (late)" if event.backfill else ""
    face = f"face {event.track}"
    if event.event_type == "enter":
        return f"{face} enters, {event.emotion} {event.confidence:.0%}{late}"
    if event.event_type == "change":
        return f"{face} turns from {event.previous} to {event.emotion} {event.confidence:.0%}{late}"
    return f"{face} leaves after {event.duration_seconds or 0.0:.0f} s{late}"


def show_until(stop: threading.Event, view: View, show: Callable[[], None], pause_seconds: float) -> None:
    """Call ``show`` when there is news, at most every ``pause_seconds``, and once a second for the clock."""
    while not stop.is_set():
        show()
        view.news.wait(1.0)
        view.news.clear()
        stop.wait(pause_seconds)


def _clock(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%H:%M:%S}"
