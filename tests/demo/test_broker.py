"""The demo's broker takes a real subscriber and a real message, and is gone afterwards."""

from __future__ import annotations

import socket

import pytest

from emotiond.demo.broker import free_port, running_broker
from tests.listener import Listener

WAIT_SECONDS = 20.0


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_message_goes_through_and_the_port_is_free_again():
    broker = pytest.importorskip("amqtt.broker", reason="amqtt is not installed (emotiond[demo])").Broker
    with running_broker(broker) as port:
        listener = Listener(port)
        listener.publish("emotiond/demo/state", b"{}")
        listener.wait_for(lambda: [heard.payload for heard in listener.heard("/state")] == [b"{}"], WAIT_SECONDS)
        listener.close()
    assert not answers(port)


def test_a_free_port_is_on_loopback_and_nobody_answers_there():
    port = free_port()
    assert 1024 <= port <= 65535
    assert not answers(port)
