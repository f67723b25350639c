"""The connection to the broker, and the only file that imports paho.

One thread connects again for as long as it takes: in MQTT 5 and, where the broker knows no better, in 3.1.1.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.link import Listener
from emotiond.mqtt.login import Login, PublisherError

log = logging.getLogger(__name__)
CONNECT_SECONDS: Final = 5.0
#: A connection that ends sooner was no success: the next pause grows.
STABLE_SECONDS: Final = 10.0
#: 3.1.1 has no word for "somebody else uses your client id": so many short connections in a row say it.
SHORT_CONNECTIONS: Final = 3
TAKEN_OVER: Final = 0x8E
UNSUPPORTED_VERSION: Final = 0x84
V5: Final = MQTTProtocolVersion.MQTTv5
V311: Final = MQTTProtocolVersion.MQTTv311
VERSIONS: Final = {"5": V5, "3.1.1": V311}


@dataclass(frozen=True)
class Broker:
    """How to reach the broker."""

    host: str
    port: int
    client_id: str
    #: Topic on which the broker says ``offline`` once we are gone; empty is no last will.
    availability: str
    login: Login
    #: ``auto``, ``5`` or ``3.1.1``.
    protocol: str = "auto"
    keepalive_seconds: int = 30
    state_expiry_seconds: int = 300
    retry_first_seconds: float = 1.0
    retry_longest_seconds: float = 30.0

    def __str__(self) -> str:
        """Name the broker, and nothing secret."""
        return f"broker {self.host}:{self.port}"


@dataclass
class _Attempt:
    """One connection, from the first packet to the last."""

    number: int
    version: MQTTProtocolVersion
    accepted_seconds: float | None = None
    #: Why the broker did not let us in, or why the connection ended.
    reason: str = ""
    code: int | None = None
    #: The broker said nothing for as long as it may.
    silent: bool = False


class Publisher:
    """Keeps the connection; what happens on it the listener is told."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        # Read once now, so that a wrong file stops the start instead of failing for ever.
        broker.login.password()
        broker.login.context()
        self._listener: Listener | None = None
        self._lock = threading.Lock()
        self._client: paho.Client | None = None
        self._attempt = _Attempt(0, V5)
        self._stopping = threading.Event()
        self._said = ""
        self._short = 0
        self._has_spoken_v5 = False
        self._thread = threading.Thread(target=self._run, name="mqtt-network", daemon=True)

    def start(self, listener: Listener) -> None:
        """Connect in the background; a broker that is away is tried again for as long as it takes."""
        self._listener = listener
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether messages can be given to the broker now."""
        return self._client is not None and self._client.is_connected() and self._attempt.accepted_seconds is not None

    @property
    def protocol(self) -> str:
        """The version spoken now."""
        return "5" if self._attempt.version == V5 else "3.1.1"

    def publish(self, envelope: Envelope, payload: bytes) -> int | None:
        """Give a message to the broker; return its number, None where the connection has gone."""
        with self._lock:
            client, attempt = self._client, self._attempt
        if client is None or not client.is_connected():
            return None
        properties = None
        if envelope.expires and attempt.version == V5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = self._broker.state_expiry_seconds
        info = client.publish(envelope.topic, payload, qos=1, retain=envelope.retain, properties=properties)
        return attempt.number << 16 | info.mid if info.rc == paho.MQTT_ERR_SUCCESS else None

    def subscribe(self, topics: list[str]) -> None:
        """Ask for messages."""
        if self._client is not None and topics:
            self._client.subscribe([(topic, 1) for topic in topics])

    def unsubscribe(self, topics: list[str]) -> None:
        """Ask for no more of them."""
        if self._client is not None and topics:
            self._client.unsubscribe(topics)

    def stop(self) -> None:
        """Disconnect and end; a connection attempt that hangs is left behind."""
        self._stopping.set()
        if self._client is not None:
            self._client.disconnect()
        self._thread.join(CONNECT_SECONDS)

    def _run(self) -> None:
        failures = 0
        version = VERSIONS.get(self._broker.protocol, V5)
        number = 0
        while not self._stopping.is_set():
            number += 1
            attempt = _Attempt(number, version)
            self._connect(attempt)
            if self._stopping.is_set():
                return
            lasted = time.monotonic() - attempt.accepted_seconds if attempt.accepted_seconds is not None else 0.0
            failures = 0 if lasted >= STABLE_SECONDS else failures + 1
            other = self._next_version(attempt)
            if other != version and attempt.accepted_seconds is None:
                version = other
                continue
            version = other
            self._look_for_double(attempt, lasted)
            self._stopping.wait(self._pause(attempt, failures))

    def _connect(self, attempt: _Attempt) -> None:
        try:
            client = self._new_client(attempt)
            with self._lock:
                self._client, self._attempt = client, attempt
            client.connect(self._broker.host, self._broker.port, self._broker.keepalive_seconds)
        except ssl.SSLCertVerificationError as error:
            self._complain(f"its certificate cannot be trusted: {error.verify_message}")
        except ssl.SSLError as error:
            self._complain(f"no TLS: {error.reason or error}")
        except OSError as error:
            self._complain(f"does not answer: {error.strerror or error}")
        except PublisherError as error:
            self._complain(str(error))
        else:
            if self._let_in(client, attempt):
                client.loop_forever()
        if attempt.accepted_seconds is not None and self._listener:
            self._listener.lost()

    def _let_in(self, client: paho.Client, attempt: _Attempt) -> bool:
        """Wait for the broker's answer; paho itself would wait for as long as a whole keepalive."""
        deadline = time.monotonic() + CONNECT_SECONDS
        while attempt.accepted_seconds is None:
            if client.loop(0.2) != paho.MQTT_ERR_SUCCESS or attempt.reason or self._stopping.is_set():
                return False
            if time.monotonic() > deadline:
                attempt.silent = True
                self._complain("accepts connections and says nothing")
                # Closes the connection, and the broker will not take it for a clean goodbye.
                client.disconnect()
                return False
        return True

    def _new_client(self, attempt: _Attempt) -> paho.Client:
        broker = self._broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            protocol=attempt.version,
            userdata=attempt,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_SECONDS
        if broker.availability:
            client.will_set(broker.availability, b"offline", qos=1, retain=True)
        if broker.login.username:
            client.username_pw_set(broker.login.username, broker.login.password())
        context = broker.login.context()
        if context is not None:
            client.tls_set_context(context)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _next_version(self, attempt: _Attempt) -> MQTTProtocolVersion:
        """Choose the version for the next attempt: another one only where the broker has hung up on this one."""
        if self._broker.protocol != "auto":
            return attempt.version
        if attempt.accepted_seconds is not None:
            # Whatever the broker was, what comes back may be a newer one.
            return V5
        hung_up = attempt.code == UNSUPPORTED_VERSION or (attempt.code is None and bool(attempt.reason))
        # A broker that has spoken it before and is silent now has stopped, not forgotten.
        unknown = attempt.silent and not self._has_spoken_v5
        if attempt.version == V5 and (hung_up or unknown):
            log.info("%s: does not speak MQTT 5; trying 3.1.1", self._broker)
            return V311
        return V5

    def _pause(self, attempt: _Attempt, failures: int) -> float:
        broker = self._broker
        longest = min(broker.retry_first_seconds * 2.0 ** min(failures, 16), broker.retry_longest_seconds)
        # Two that throw each other out must not do so many times a second.
        pause = broker.retry_longest_seconds if attempt.code == TAKEN_OVER else longest
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret

    def _look_for_double(self, attempt: _Attempt, lasted: float) -> None:
        if attempt.accepted_seconds is None or attempt.version == V5:
            self._short = 0
            return
        self._short = self._short + 1 if lasted < STABLE_SECONDS else 0
        if self._short >= SHORT_CONNECTIONS:
            self._complain(
                f"{self._short} connections in a row ended at once: does another client use the client id "
                f'"{self._broker.client_id}"?'
            )

    def _on_connect(self, client: paho.Client, attempt: _Attempt, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            attempt.code, attempt.reason = reason.value, str(reason)
            if attempt.code != UNSUPPORTED_VERSION or self._broker.protocol != "auto":
                self._complain(f"refused: {reason}")
            client.disconnect()
            return
        attempt.accepted_seconds = time.monotonic()
        self._has_spoken_v5 |= attempt.version == V5
        self._said = ""
        log.info("%s: connected, MQTT %s", self._broker, self.protocol)
        if self._listener:
            self._listener.connected()

    def _on_disconnect(self, _client: paho.Client, attempt: _Attempt, _flags: Any, reason: Any, _props: Any) -> None:
        if self._stopping.is_set() or attempt.reason or attempt.silent:
            return
        attempt.reason = str(reason)
        attempt.silent = attempt.reason == "Keep alive timeout"
        if attempt.accepted_seconds is None:
            if self._broker.protocol != "auto" or attempt.version == V311 or attempt.silent:
                self._complain(
                    "hung up before it let us in" if not attempt.silent else "accepts connections, says nothing"
                )
            return
        attempt.code = reason.value if reason.value >= 0x80 else None
        if attempt.code == TAKEN_OVER:
            self._complain(f'another client uses the client id "{self._broker.client_id}": give one of us another')
        else:
            why = "" if attempt.reason == "Unspecified error" else f": {reason}"
            self._complain(f"lost{why}; trying again")

    def _on_publish(self, _client: paho.Client, attempt: _Attempt, mid: int, reason: Any, _properties: Any) -> None:
        if self._listener:
            refusal = str(reason) if reason is not None and reason.is_failure else ""
            self._listener.acknowledged(attempt.number << 16 | mid, refusal)

    def _on_message(self, _client: paho.Client, _attempt: _Attempt, message: paho.MQTTMessage) -> None:
        if self._listener:
            self._listener.heard(message.topic, bytes(message.payload), retained=bool(message.retain))

    def _complain(self, what: str) -> None:
        if what != self._said:
            log.warning("%s: %s", self._broker, what)
        self._said = what
