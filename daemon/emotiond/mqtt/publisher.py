"""The connection to the broker, and the only file that imports paho.

One thread connects again for as long as it takes: in MQTT 5 and, where the broker knows no better, in 3.1.1. It alone
reads and writes; whoever publishes puts a message into paho's queue and wakes it.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from emotiond.mqtt.attempt import STABLE_SECONDS, TAKEN_OVER, UNSUPPORTED_VERSION, Attempt, Broker, Patience
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.link import Listener
from emotiond.mqtt.login import PublisherError

log = logging.getLogger(__name__)
CONNECT_SECONDS: Final = 5.0
#: paho comes round at least this often;
TURN_SECONDS: Final = 1.0
#: a turn that takes longer hangs.
LONGEST_TURN_SECONDS: Final = 10.0
_PAHO_VERSIONS: Final = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}


class Publisher:
    """Keeps the connection; what happens on it the listener is told."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._client_id = broker.client_id
        # Read once now, so that a wrong file stops the start instead of failing for ever.
        broker.login.password()
        broker.login.context()
        #: What was complained of last.
        self.trouble = ""
        self._listener: Listener | None = None
        self._lock = threading.Lock()
        self._client: paho.Client | None = None
        self._attempt = Attempt(0, "5")
        self._stopping = threading.Event()
        #: Complaints since the last connection that lasted: each is made once.
        self._said: set[str] = set()
        self._turn_seconds = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="mqtt-network", daemon=True)

    def start(self, listener: Listener) -> None:
        """Connect in the background; a broker that is away is tried again for as long as it takes."""
        self._listener = listener
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether messages can be given to the broker now."""
        client = self._client
        return client is not None and client.is_connected() and self._attempt.accepted_seconds is not None

    @property
    def alive(self) -> bool:
        """Whether it still tries: false only after a fault of ours."""
        return self._thread.is_alive()

    @property
    def protocol(self) -> str:
        """The version spoken now."""
        return self._attempt.version

    def publish(self, envelope: Envelope, payload: bytes) -> int | None:
        """Give a message to the broker; return its number, None where the connection has gone."""
        with self._lock:
            client, attempt = self._client, self._attempt
        if client is None or not client.is_connected():
            return None
        properties = None
        if envelope.expires and attempt.version == "5":
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = self._broker.state_expiry_seconds
        info = client.publish(envelope.topic, payload, qos=1, retain=envelope.retain, properties=properties)
        return attempt.number << 16 | info.mid if info.rc == paho.MQTT_ERR_SUCCESS else None

    def subscribe(self, topics: list[str]) -> None:
        """Ask for messages."""
        if (client := self._client) is not None and topics:
            client.subscribe([(topic, 1) for topic in topics])

    def unsubscribe(self, topics: list[str]) -> None:
        """Ask for no more of them."""
        if (client := self._client) is not None and topics:
            client.unsubscribe(topics)

    def stuck(self) -> str:
        """Name the thread where it has ended, or hangs while it is connected; empty where all is well."""
        if not self._thread.is_alive():
            return f"{self._thread.name} has ended"
        if self.connected and time.monotonic() - self._turn_seconds > LONGEST_TURN_SECONDS:
            return f"{self._thread.name} has been busy with one turn for more than {LONGEST_TURN_SECONDS:g} s"
        return ""

    def stop(self) -> None:
        """Disconnect and end; a connection attempt that hangs is left behind."""
        self._stopping.set()
        if (client := self._client) is not None:
            client.disconnect()
        self._thread.join(CONNECT_SECONDS)

    def _run(self) -> None:
        patience = Patience(self._broker)
        number = 0
        while not self._stopping.is_set():
            number += 1
            attempt = Attempt(number, patience.version)
            self._connect(attempt)
            if self._stopping.is_set():
                return
            pause = patience.learn(attempt)
            if patience.version == "3.1.1" and attempt.version == "5":
                log.info("%s: does not speak MQTT 5; trying 3.1.1", self._broker)
            if patience.suspects_double:
                self._complain(
                    f'connections end as soon as they begin: does another client use the client id "{self._client_id}"?'
                )
            self._stopping.wait(pause)

    def _connect(self, attempt: Attempt) -> None:
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
                self._attend(client)
        # It has sockets of its own, which close with it: at once, rather than when the garbage is collected.
        self._client = None
        if attempt.accepted_seconds is not None:
            attempt.lasted_seconds = time.monotonic() - attempt.accepted_seconds
            if self._listener:
                self._listener.lost()

    def _attend(self, client: paho.Client) -> None:
        """Serve the connection until it ends."""
        while client.loop(TURN_SECONDS) == paho.MQTT_ERR_SUCCESS:
            self._turn_seconds = time.monotonic()

    def _let_in(self, client: paho.Client, attempt: Attempt) -> bool:
        """Wait for the broker's answer; paho itself would wait for as long as a whole keepalive."""
        deadline = time.monotonic() + CONNECT_SECONDS
        while attempt.accepted_seconds is None:
            self._turn_seconds = time.monotonic()
            if client.loop(0.2) != paho.MQTT_ERR_SUCCESS or attempt.reason or self._stopping.is_set():
                return False
            if time.monotonic() > deadline:
                attempt.silent = True
                self._complain("accepts connections and says nothing")
                # Closes the connection, and the broker will not take it for a clean goodbye.
                client.disconnect()
                client.loop_write()
                return False
        return True

    def _new_client(self, attempt: Attempt) -> paho.Client:
        broker = self._broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            protocol=_PAHO_VERSIONS[attempt.version],
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
        # While somebody else is said to see to it, paho never writes in the thread that publishes: two that write to one
        # socket mix their packets as soon as one goes in parts. Its queue wakes ``loop``, which writes.
        client.on_socket_register_write = lambda *_: None
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: paho.Client, attempt: Attempt, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            attempt.code, attempt.reason = reason.value, str(reason)
            if attempt.code != UNSUPPORTED_VERSION or self._broker.protocol != "auto":
                self._complain(f"refused: {reason}")
            client.disconnect()
            return
        attempt.accepted_seconds = time.monotonic()
        log.info("%s: connected, MQTT %s", self._broker, self.protocol)
        if self._listener:
            self._listener.connected()

    def _on_disconnect(self, _client: paho.Client, attempt: Attempt, _flags: Any, reason: Any, _props: Any) -> None:
        if self._stopping.is_set() or attempt.reason or attempt.silent:
            return
        attempt.reason = str(reason)
        attempt.silent = attempt.reason == "Keep alive timeout"
        if attempt.accepted_seconds is not None and time.monotonic() - attempt.accepted_seconds >= STABLE_SECONDS:
            self._said.clear()
        if attempt.accepted_seconds is None:
            if self._broker.protocol != "auto" or attempt.version == "3.1.1" or attempt.silent:
                self._complain(
                    "hung up before it let us in" if not attempt.silent else "accepts connections, says nothing"
                )
            return
        attempt.code = reason.value if reason.value >= 0x80 else None
        if attempt.code == TAKEN_OVER:
            self._complain(f'another client uses the client id "{self._client_id}": give one of us another')
        else:
            why = "" if attempt.reason == "Unspecified error" else f": {reason}"
            self._complain(f"lost{why}; trying again")

    def _on_publish(self, _client: paho.Client, attempt: Attempt, mid: int, reason: Any, _properties: Any) -> None:
        refusal = str(reason) if reason is not None and reason.is_failure else ""
        attempt.refused |= bool(refusal)
        if self._listener:
            self._listener.acknowledged(attempt.number << 16 | mid, refusal)

    def _on_message(self, _client: paho.Client, _attempt: Attempt, message: paho.MQTTMessage) -> None:
        if self._listener:
            self._listener.heard(message.topic, bytes(message.payload), retained=bool(message.retain))

    def _complain(self, what: str) -> None:
        self.trouble = what
        if what not in self._said:
            log.warning("%s: %s", self._broker, what)
        self._said.add(what)
