"""Whatever arrives on the command topics is answered or passed over; nothing of it stops the daemon."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.config import Config
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.requests import COMMANDS, LONGEST_BYTES, RequestError, read_request
from emotiond.records import Request
from tests.mqtt.conftest import LONG, as_toml
from tests.mqtt.mosquitto import PATIENCE_SECONDS, Mosquitto, wait_until
from tests.mqtt.subscriber import Subscriber

CAMERAS = frozenset({"desk", "door"})
ROOT = "emotiond/box"
GARBAGE_MESSAGES = 10_000 if LONG else 1_000


@given(st.sampled_from([*COMMANDS, "format-disk"]), st.binary(max_size=200))
def test_every_payload_is_a_request_or_a_request_error(command: str, payload: bytes) -> None:
    try:
        request = read_request(command, payload, CAMERAS)
    except RequestError:
        return
    assert isinstance(request, Request)
    assert command in COMMANDS


@pytest.mark.parametrize(
    ("command", "payload", "words"),
    [
        ("reboot", b"", "no such command; there are pause"),
        ("ping", b"x" * (LONGEST_BYTES + 1), "4097 bytes; a request has at most 4096"),
        ("ping", b"{", "not a request"),
        ("ping", b"[" * 4000, "not a request"),
        ("ping", b"\xff\xfe", "not a request"),
        ("pause", b'{"camera": "roof"}', "no camera of that name; there are desk, door"),
        ("set", b"{}", "nothing to set; there are frames_per_second"),
        ("set", b'{"change_margin": 2}', "not a request"),
        ("set", b'{"change_margin": NaN}', "not a request"),
        ("set", b'{"colour": 1}', "unknown field `colour`"),
    ],
)
def test_what_is_no_request_is_told_why(command: str, payload: bytes, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_request(command, payload, CAMERAS)
    assert words in str(caught.value)


def test_a_wrong_request_is_answered_under_its_transaction() -> None:
    with pytest.raises(RequestError) as caught:
        read_request("set", b'{"colour": 1, "transaction": "t-9"}', CAMERAS)
    assert caught.value.transaction == "t-9"


def test_an_inbox_that_is_full_refuses_and_counts() -> None:
    rung: list[int] = []
    inbox = Inbox(lambda: rung.append(1), capacity=2)
    assert [inbox.put(Request("ping", number)) for number in range(3)] == [True, True, False]
    assert (len(rung), inbox.refused, len(inbox)) == (2, 1, 2)
    assert [request.transaction for request in inbox.take_all()] == [0, 1]
    assert inbox.take_all() == []


@pytest.fixture
def daemon(broker: Mosquitto, config_for: Callable[..., Config], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    config = config_for(broker.port, commands=True)
    (tmp_path / "box.toml").write_text(as_toml(config))
    command = [sys.executable, "-m", "emotiond", "run", "--config", str(tmp_path / "box.toml")]
    with (tmp_path / "daemon.log").open("w") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, text=True, env=dict(os.environ))
    yield child
    child.terminate()
    assert child.wait(PATIENCE_SECONDS) == 0
    assert "Traceback" not in (tmp_path / "daemon.log").read_text()


def ask(subscriber: Subscriber, command: str, request: dict[str, Any] | bytes = b"", count: int = 1) -> dict[str, Any]:
    payload = request if isinstance(request, bytes) else json.dumps(request).encode()
    subscriber.client.publish(f"{ROOT}/request/{command}", payload, qos=1)
    answer: dict[str, Any] = subscriber.wait_for(f"{ROOT}/response/{command}", count)[-1].json
    return answer


def wait_online(subscriber: Subscriber) -> None:
    assert wait_until(lambda: any(m.payload == b"online" for m in subscriber.on(f"{ROOT}/desk/availability")))
    assert wait_until(lambda: any(m.payload == b"online" for m in subscriber.on(f"{ROOT}/availability")))


@pytest.mark.usefixtures("daemon")
def test_the_daemon_does_what_it_is_asked(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], tmp_path: Path
) -> None:
    subscriber = subscribe(broker.port)
    wait_online(subscriber)
    assert ask(subscriber, "ping", {"transaction": 7}) == {
        "status": "ok",
        "data": {"pong": True},
        "error": None,
        "transaction": 7,
    }
    info = ask(subscriber, "info")["data"]
    assert (info["device"], info["cameras"]) == ("box", {"desk": {"paused": False}})
    assert ask(subscriber, "set", {"change_margin": 0.6, "frames_per_second": 1})["data"]["change_margin"] == 0.6
    assert ask(subscriber, "set", {"colour": 1}, count=2)["status"] == "error"
    assert ask(subscriber, "pause", {"camera": "desk"})["data"] == {"paused": {"desk": True}}

    def paused() -> bool:
        state = subscriber.last(f"{ROOT}/state")
        faces = subscriber.last(f"{ROOT}/desk/faces")
        seen = faces is not None and faces.json["faces"] == []
        return state is not None and state.json["cameras"]["desk"]["paused"] is True and seen

    assert wait_until(paused)
    assert ask(subscriber, "resume")["data"] == {"paused": {"desk": False}}
    toml = tmp_path / "box.toml"
    toml.write_text(toml.read_text().replace("change_margin = 0.5", "change_margin = 0.2"))
    reloaded = ask(subscriber, "reload")["data"]
    assert (reloaded["change_margin"], reloaded["changed"]) == (0.2, ["mood"])
    toml.write_text("[mqtt]\nprot = 1\n")
    answer = ask(subscriber, "reload", count=2)
    assert answer["status"] == "error"
    assert "[mqtt] prot: no such key; did you mean port?" in answer["error"]


@pytest.mark.usefixtures("daemon")
def test_a_camera_that_a_reload_removes_leaves_nothing_at_the_broker(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], tmp_path: Path
) -> None:
    subscriber = subscribe(broker.port)
    wait_online(subscriber)
    assert wait_until(lambda: subscriber.last(f"{ROOT}/desk/mood") is not None)
    toml = tmp_path / "box.toml"
    toml.write_text(toml.read_text().replace('"desk"', '"roof"'))
    assert ask(subscriber, "reload")["data"]["changed"] == ["camera"]
    assert wait_until(lambda: any(m.payload == b"online" for m in subscriber.on(f"{ROOT}/roof/availability")))
    for what in ("availability", "mood", "faces"):
        # Cleared when the camera goes, and again when the broker, newly subscribed to, has handed out what it still had then:
        # the late subscriber must not hear the second clearing as it happens.
        topic = f"{ROOT}/desk/{what}"
        assert wait_until(lambda topic=topic: [m.payload for m in subscriber.on(topic)[-2:]] == [b"", b""])
    late = subscribe(broker.port)
    late.wait_for(f"{ROOT}/roof/availability")
    assert not [message for message in late.messages if message.topic.startswith(f"{ROOT}/desk/")]
    # Requests know the new camera, and the connection is the one that was there.
    assert ask(subscriber, "pause", {"camera": "desk"})["status"] == "error"
    assert ask(subscriber, "pause", {"camera": "roof"}, count=2)["data"] == {"paused": {"roof": True}}
    log = (tmp_path / "daemon.log").read_text()
    assert log.count(": connected, MQTT") == 1


@pytest.mark.usefixtures("daemon")
def test_another_broker_is_connected_to_after_a_clean_goodbye_to_the_former(
    broker: Mosquitto, new_mosquitto: Callable[..., Mosquitto], subscribe: Callable[..., Subscriber], tmp_path: Path
) -> None:
    former, other = subscribe(broker.port), new_mosquitto()
    new = subscribe(other.port)
    wait_online(former)
    assert wait_until(lambda: any(m.json["event_type"] == "enter" for m in former.on(f"{ROOT}/desk/event")))
    toml = tmp_path / "box.toml"
    toml.write_text(toml.read_text().replace(f"port = {broker.port}", f"port = {other.port}"))
    former.client.publish(f"{ROOT}/request/reload", b"", qos=1)
    assert wait_until(lambda: any(m.json["event_type"] == "enter" for m in new.on(f"{ROOT}/desk/event")))
    assert former.on(f"{ROOT}/availability")[-1].payload == b"offline"
    told = [message.json for message in former.on(f"{ROOT}/desk/event")]
    assert [event["track"] for event in told if event["event_type"] == "enter"] == [
        event["track"] for event in told if event["event_type"] == "leave"
    ]
    first = new.on(f"{ROOT}/desk/event")[0].json
    assert first["seq"] == told[-1]["seq"] + 1
    assert "another client" not in (tmp_path / "daemon.log").read_text()


@pytest.mark.usefixtures("daemon")
def test_garbage_on_the_command_topics_stops_nothing(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], tmp_path: Path
) -> None:
    subscriber = subscribe(broker.port)
    wait_online(subscriber)
    # The broker's own queue for the daemon is shorter than a flood: what it drops is not ours to answer.
    chance = random.Random(9)
    for number in range(GARBAGE_MESSAGES):
        command = chance.choice([*COMMANDS, "nothing", "set/more"])
        length = 1_000_000 if number % (GARBAGE_MESSAGES // 4) == 1 else chance.randrange(60)
        payload = chance.randbytes(length) if chance.random() < 0.5 else b'{"transaction": ' + chance.randbytes(5)
        subscriber.client.publish(f"{ROOT}/request/{command}", payload, qos=1).wait_for_publish(20)
    before = len(subscriber.on(f"{ROOT}/response/ping"))
    subscriber.client.publish(f"{ROOT}/request/ping", b'{"transaction": "after"}', qos=1)
    assert wait_until(
        lambda: any(m.json["transaction"] == "after" for m in subscriber.on(f"{ROOT}/response/ping")[before:]), 60
    )
    answers = [m.json for m in subscriber.messages if "/response/" in m.topic]
    assert sum(answer["status"] == "error" for answer in answers) > GARBAGE_MESSAGES / 4
    complaints = (tmp_path / "daemon.log").read_text().count("WARNING request ")
    assert 1 <= complaints <= 60, "bad requests are said now and then, not one by one"


@pytest.mark.usefixtures("daemon")
def test_a_retained_request_is_not_carried_out(broker: Mosquitto, subscribe: Callable[..., Subscriber]) -> None:
    subscriber = subscribe(broker.port)
    wait_online(subscriber)
    subscriber.client.publish(f"{ROOT}/request/pause", b"", qos=1, retain=True).wait_for_publish(10)
    ask(subscriber, "ping")
    broker.stop()
    broker.start()
    count = len(subscriber.on(f"{ROOT}/response/pause"))
    assert wait_until(lambda: len(subscriber.on(f"{ROOT}/availability")) >= 2)
    ask(subscriber, "ping", count=2)
    assert len(subscriber.on(f"{ROOT}/response/pause")) == count <= 1
