"""The outlet to the broker, and the only file that imports paho: connects in the background, reconnects by itself."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.topics import Topics

log = logging.getLogger(__name__)
#: How long a clean stop waits for the broker to acknowledge what was sent.
FAREWELL_SECONDS = 3.0
RETRY_FIRST_SECONDS = 1
RETRY_LONGEST_SECONDS = 30


class PublisherError(Exception):
    """The broker's settings cannot be used; the message is one line."""


@dataclass(frozen=True)
class Broker:
    """How to reach the broker."""

    host: str
    port: int
    username: str
    password_file: str
    tls: bool
    ca_file: str
    keepalive_seconds: int
    queue_messages: int


class Publisher:
    """Sends with QoS 1; while the broker is away events wait in a bounded queue and only the newest state is kept."""

    def __init__(self, broker: Broker, topics: Topics, client_id: str) -> None:
        self._broker = broker
        self._topics = topics
        self._lock = threading.Lock()
        self._retained: dict[str, Envelope] = {}
        self._unreachable = ""
        self.dropped = 0
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        client.max_queued_messages_set(broker.queue_messages)
        client.reconnect_delay_set(RETRY_FIRST_SECONDS, RETRY_LONGEST_SECONDS)
        client.will_set(topics.availability, b"offline", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        self._client = client
        self._authenticate()

    def start(self) -> None:
        """Connect in the background; a broker that is away is tried again for as long as it takes."""
        self._client.connect_async(self._broker.host, self._broker.port, self._broker.keepalive_seconds)
        self._client.loop_start()

    def send(self, envelope: Envelope) -> None:
        """Send now, or as soon as the broker is there."""
        if envelope.retain:
            with self._lock:
                self._retained[envelope.topic] = envelope
            if not self._client.is_connected():
                return
        self._publish(envelope)

    def status(self) -> str:
        """Say whether the broker is there."""
        return "broker connected" if self._client.is_connected() else "broker away"

    def close(self) -> None:
        """Say ``offline``, wait a little for the broker's word that it has everything, and disconnect."""
        if self._client.is_connected():
            self._client.publish(self._topics.availability, b"offline", qos=1, retain=True)
            deadline = time.monotonic() + FAREWELL_SECONDS
            while self._client.want_write() or self._waiting():
                if time.monotonic() > deadline:
                    break
                time.sleep(0.01)
        self._client.disconnect()
        self._client.loop_stop()

    def _waiting(self) -> int:
        # paho has no public word for "not acknowledged yet".
        return len(self._client._out_messages)  # noqa: SLF001

    def _publish(self, envelope: Envelope) -> None:
        info = self._client.publish(envelope.topic, envelope.payload, qos=1, retain=envelope.retain)
        if info.rc == paho.MQTT_ERR_QUEUE_SIZE:
            self.dropped += 1

    def _authenticate(self) -> None:
        broker = self._broker
        if broker.username:
            self._client.username_pw_set(broker.username, self._password())
        if broker.tls:
            try:
                context = ssl.create_default_context(cafile=broker.ca_file or None)
            except (OSError, ssl.SSLError) as error:
                raise PublisherError(f"[mqtt] ca_file: {broker.ca_file}: cannot be used: {error}") from error
            self._client.tls_set_context(context)

    def _password(self) -> str | None:
        path = self._broker.password_file
        if not path:
            return None
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise PublisherError(f"[mqtt] password_file: {path}: cannot be read: {error}") from error

    def _on_connect(self, _client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        where = f"{self._broker.host}:{self._broker.port}"
        if reason.is_failure:
            self._say_unreachable(f"broker {where}: refused: {reason}")
            return
        self._unreachable = ""
        log.info("broker %s: connected", where)
        with self._lock:
            states = list(self._retained.values())
        for envelope in states:
            self._publish(envelope)
        # Last, so that whoever waits for `online` finds every state in its place.
        self._publish(Envelope(self._topics.availability, b"online", retain=True))

    def _on_connect_fail(self, _client: paho.Client, _userdata: Any) -> None:
        self._say_unreachable(f"broker {self._broker.host}:{self._broker.port}: does not answer; trying again")

    def _on_disconnect(self, _client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._say_unreachable(f"broker {self._broker.host}:{self._broker.port}: lost: {reason}; trying again")

    def _say_unreachable(self, what: str) -> None:
        if what != self._unreachable:
            log.warning("%s", what)
        self._unreachable = what
