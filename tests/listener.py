"""A real subscriber that remembers what it heard."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

CONNECT_SECONDS = 60.0


class Heard(NamedTuple):
    """One message as it arrived."""

    topic: str
    payload: bytes
    retain: bool

    @property
    def json(self) -> Any:
        return json.loads(self.payload)


class Listener:
    """Subscribes to everything as soon as it is connected; waits are bounded."""

    def __init__(self, port: int, user: str = "", password: str = "") -> None:
        self._heard: list[Heard] = []
        self._news = threading.Condition()
        subscribed = threading.Event()
        client = paho.Client(CallbackAPIVersion.VERSION2)
        if user:
            client.username_pw_set(user, password)
        client.reconnect_delay_set(1, 1)
        client.on_connect = lambda *_: client.subscribe("#", qos=1)
        client.on_subscribe = lambda *_: subscribed.set()
        client.on_message = self._hear
        client.connect("127.0.0.1", port)
        client.loop_start()
        self._client = client
        assert subscribed.wait(CONNECT_SECONDS), "the broker did not take the subscription"

    def publish(self, topic: str, payload: bytes) -> None:
        """Send one message."""
        self._client.publish(topic, payload, qos=1)

    def heard(self, end: str = "") -> list[Heard]:
        """Return what has come so far on topics that end so."""
        with self._news:
            return [message for message in self._heard if message.topic.endswith(end)]

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """Return the face events that have come so far, of one kind or of all, each number once."""
        events = {(event["boot_id"], event["seq"]): event for event in (heard.json for heard in self.heard("/event"))}
        return [event for event in events.values() if kind in ("", event["event_type"])]

    def wait_for(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait until `done`, asked again after each message; fail after `seconds`, saying what was heard."""
        deadline = time.monotonic() + seconds
        while not done():
            with self._news:
                self._news.wait(0.1)
            if time.monotonic() > deadline and not done():
                raise AssertionError(f"not heard in {seconds:g} s; heard {[m.topic for m in self.heard()]}")

    def wait_for_word(self, end: str, word: bytes, seconds: float) -> None:
        """Wait until the newest message on a topic that ends so is `word`."""
        self.wait_for(lambda: [m.payload for m in self.heard(end)][-1:] == [word], seconds)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Any, _userdata: Any, message: paho.MQTTMessage) -> None:
        with self._news:
            self._heard.append(Heard(message.topic, bytes(message.payload), message.retain))
            self._news.notify_all()
