"""One thread alone writes to the broker, whoever publishes, and a message goes out at once."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emotiond.mqtt.attempt import Broker
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.login import Login
from emotiond.mqtt.publisher import TURN_SECONDS, Publisher
from tests.mqtt.certificates import signed
from tests.mqtt.mosquitto import Mosquitto, wait_until
from tests.mqtt.subscriber import Subscriber

#: More than the buffers of both ends hold, so that packets go in parts.
LARGE_BYTES = 1_000_000
MESSAGES = 60
#: As many as the courier has on their way: what paho itself has to queue goes another way.
WINDOW = 16


class Ear:
    """Counts what the connection sees."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.taken: dict[int, float] = {}

    def connected(self) -> None:
        self.begun += 1

    def lost(self) -> None:
        self.ended += 1

    def acknowledged(self, number: int, refusal: str) -> None:
        assert not refusal
        self.taken[number] = time.monotonic()

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Nothing was subscribed to."""


@contextmanager
def slow(broker: Mosquitto) -> Iterator[None]:
    """Have the broker read a little and stop again, over and over."""
    done = threading.Event()

    def hinder() -> None:
        while not done.wait(0.005):
            broker.freeze()
            time.sleep(0.01)
            broker.thaw()

    thread = threading.Thread(target=hinder)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def large(index: int) -> bytes:
    return hashlib.sha256(str(index).encode()).digest() * (LARGE_BYTES // 32)


@pytest.mark.parametrize("secret", [False, True], ids=["plain", "TLS"])
def test_packets_that_go_in_parts_arrive_whole(
    new_mosquitto: Callable[..., Mosquitto],
    subscribe: Callable[..., Subscriber],
    tmp_path: Path,
    ca: Path,
    secret: bool,
) -> None:
    tls = signed(tmp_path, "broker", ca) if secret else {}
    broker = new_mosquitto(tls=tls)
    subscriber = subscribe(broker.port, tls=tls)
    subscriber.client.subscribe("large/#", qos=1)
    login = Login(tls=secret, ca_file=str(ca))
    publisher, ear = Publisher(Broker("127.0.0.1", broker.port, "box", "", login, keepalive_seconds=120)), Ear()
    publisher.start(ear)
    assert wait_until(lambda: publisher.connected)
    with slow(broker):
        for index in range(MESSAGES):
            assert wait_until(lambda index=index: index - len(ear.taken) < WINDOW or ear.ended)
            number = publisher.publish(Envelope(f"large/{index}", b"", retain=False), large(index))
            assert number is not None, "the connection has gone"
        assert wait_until(lambda: len(ear.taken) == MESSAGES or ear.ended)
    publisher.stop()
    assert (ear.begun, len(ear.taken)) == (1, MESSAGES)
    assert "malformed packet" not in broker.log
    for index in range(MESSAGES):
        (message,) = subscriber.wait_for(f"large/{index}")
        assert message.payload == large(index), f"the bytes of message {index} are others"


def test_a_message_does_not_wait_for_the_turn_of_the_network(broker: Mosquitto) -> None:
    publisher, ear = Publisher(Broker("127.0.0.1", broker.port, "box", "", Login())), Ear()
    publisher.start(ear)
    assert wait_until(lambda: publisher.connected)
    ages = []
    for _ in range(9):
        # Long enough for the network's thread to have gone to sleep again.
        time.sleep(0.1)
        began = time.monotonic()
        number = publisher.publish(Envelope("a/b", b"", retain=False), b"word")
        assert number is not None
        assert wait_until(lambda number=number: number in ear.taken)
        ages.append(ear.taken[number] - began)
    publisher.stop()
    # Were they sent when the network's thread wakes by itself, half of them would wait for more than half a turn.
    assert sorted(ages)[len(ages) // 2] < TURN_SECONDS / 4
