"""A subscriber that tells in words what it hears, and counts it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emotiond.mqtt.topics import Topics


@dataclass
class Narrator:
    """Takes the raw messages of a device, one at a time; ``tell`` gets each line."""

    topics: Topics
    tell: Callable[[str], None]
    events: Counter[str] = field(default_factory=Counter)
    most_faces: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    online: threading.Event = field(default_factory=threading.Event)
    offline: threading.Event = field(default_factory=threading.Event)
    _mood: dict[str, str] = field(default_factory=dict)

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in one message."""
        if topic == self.topics.availability:
            (self.online if payload == b"online" else self.offline).set()
            return
        kind = topic.rpartition("/")[2]
        if kind == "event":
            self._event(json.loads(payload))
        elif kind == "mood":
            self._room(topic, json.loads(payload))
        elif topic == self.topics.state:
            self.state = json.loads(payload)

    def _event(self, event: dict[str, Any]) -> None:
        self.events[event["event_type"]] += 1
        face, sure = f"face {event['track']}", f"{event['confidence']:.0%}"
        if event["event_type"] == "enter":
            self.tell(f"{face} enters, {event['emotion']} ({sure} sure)")
        elif event["event_type"] == "change":
            self.tell(f"{face} turns from {event['previous']} to {event['emotion']} ({sure} sure)")
        else:
            mostly = max(event["shares"], key=event["shares"].get)
            self.tell(f"{face} leaves after {event['duration_seconds']:.1f} s, mostly {mostly}")

    def _room(self, topic: str, room: dict[str, Any]) -> None:
        self.most_faces = max(self.most_faces, room["faces"])
        what = f"{room['faces']} faces, on average {room['emotion']}" if room["faces"] else "nobody in view"
        if self._mood.get(topic) != what:
            self._mood[topic] = what
            self.tell(f"the room: {what}")
