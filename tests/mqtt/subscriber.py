"""A subscriber with a durable session: it counts every event, and holds every byte against the contract."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from jsonschema import Draft202012Validator
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from emotiond.mqtt.schema import CHANNELS, json_schema
from tests.mqtt.mosquitto import PATIENCE_SECONDS, wait_until

_SCHEMA = json_schema()


def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": _SCHEMA["$defs"]})


_KINDS = {
    channel.topic.rpartition("/")[2]: _validator(channel.message.__name__) for channel in CHANNELS if channel.message
}
_ANSWER = _validator("Answer")


class Message(NamedTuple):
    topic: str
    payload: bytes
    retained: bool
    expiry_seconds: int | None

    @property
    def json(self) -> Any:
        return json.loads(self.payload)


def against_the_contract(topic: str, payload: bytes) -> list[str]:
    """List what a message on one of emotiond's own topics has wrong."""
    kind = topic.rpartition("/")[2]
    if kind == "availability":
        return [] if payload in (b"online", b"offline", b"") else [f"{topic}: {payload!r}"]
    if "/request/" in topic or not payload:
        return []
    validator = _ANSWER if "/response/" in topic else _KINDS[kind]
    return [f"{topic}: {error.message}" for error in validator.iter_errors(json.loads(payload))]


class Subscriber:
    """Subscribes to everything under ``emotiond/`` and to what Home Assistant is told."""

    def __init__(
        self, port: int, *, tls: Mapping[str, Path] | None = None, user: str = "", password: str = "", name: str = "s"
    ) -> None:
        self.messages: list[Message] = []
        self.wrong: list[str] = []
        self._ready = threading.Event()
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"subscriber-{name}", protocol=paho.MQTTv5)
        client.reconnect_delay_set(1, 1)
        if tls:
            client.tls_set(str(tls["ca"]))
        if user:
            client.username_pw_set(user, password)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_subscribe = lambda *_: self._ready.set()
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        client.connect("127.0.0.1", port, 20, clean_start=False, properties=session)
        client.loop_start()
        self.client = client
        assert self._ready.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def on(self, topic: str) -> list[Message]:
        return [message for message in list(self.messages) if message.topic == topic]

    def last(self, topic: str) -> Message | None:
        found = self.on(topic)
        return found[-1] if found else None

    def wait_for(self, topic: str, count: int = 1, seconds: float = PATIENCE_SECONDS) -> list[Message]:
        assert wait_until(lambda: len(self.on(topic)) >= count, seconds), f"{topic}: {len(self.on(topic))} of {count}"
        return self.on(topic)

    def events(self) -> list[dict[str, Any]]:
        return [m.json for m in list(self.messages) if m.topic.endswith("/event")]

    def counted(self) -> Counter[tuple[str, str, int]]:
        """Count the events by what tells them apart."""
        return Counter((event["boot_id"], event["camera"], event["seq"]) for event in self.events())

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([("emotiond/#", 1), ("homeassistant/device/#", 1)])

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        payload = bytes(message.payload)
        expiry = getattr(message.properties, "MessageExpiryInterval", None)
        if message.topic.startswith("emotiond/"):
            self.wrong += against_the_contract(message.topic, payload)
        self.messages.append(Message(message.topic, payload, bool(message.retain), expiry))
