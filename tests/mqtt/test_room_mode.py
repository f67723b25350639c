"""In room mode nothing of a single face leaves the house, and nothing of one stays behind at the broker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emotiond.mqtt.clock import Clock
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.discretion import Discretion
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.spool import Limits, Spool
from emotiond.mqtt.topics import Topics
from emotiond.records import Box, Face, FaceMood, Frame, Moment, Mood, RoomMood, Scene
from tests.broker import Mosquitto
from tests.child import Child
from tests.listener import Heard, Listener
from tests.mqtt.newsmaker import event_number

SCENE = "synthetic:?faces=4&width=640&height=360&face_pixels=80&rate=2"
#: Enough for a slow, busy machine; what is waited for takes a second or two.
PATIENCE_SECONDS = 120.0
#: A machine that has no time for us still finds the four: rare looks, and much patience between them.
PATIENT = """[tracking]
confirm_detections = 1
unconfirmed_seconds = 60
lost_seconds = 600
hold_seconds = 60
[capture]
timeout_seconds = 60
"""
ROOM = '[privacy]\nmode = "room"\nmin_faces = {}\n'


def scene(faces: int) -> Scene:
    mood = Mood("sad", 0.7, np.array([0.05, 0, 0, 0.05, 0.7, 0, 0.2], np.float32))
    moods = [FaceMood(Face(Box(1.0, 2.0, 30.0, 30.0), 1.0), mood, number) for number in range(faces)]
    frame = Frame("desk", 0, 0.0, np.zeros((80, 80, 1), np.uint8), "source")
    moment = Moment("desk", "sad", 0.7, 0.5, 2.0, 0.0, faces)
    return Scene(
        frame, moods, RoomMood(faces, mood if faces else None), [event_number(n) for n in range(faces)], [moment]
    )


def newsroom(min_faces: int) -> Newsroom:
    rules = Discretion(room_only=True, min_faces=min_faces)
    return Newsroom(Topics("emotiond", "box"), Identity("1", "abcdefgh"), 1.0, Clock(lambda: True, "boot"), rules)


def said(envelopes: list[Envelope]) -> dict[str, Any]:
    return {envelope.topic.rpartition("/")[2]: json.loads(envelope.payload) for envelope in envelopes}


@pytest.mark.parametrize("faces", [3, 4, 30])
def test_from_enough_faces_up_the_room_is_told_of_and_nothing_else(faces: int) -> None:
    told = said(newsroom(3).scene(scene(faces)))
    assert set(told) == {"mood", "moment"}
    assert (told["mood"]["faces"], told["mood"]["emotion"]) == (faces, "sad")
    assert not {"track", "box"} & {*told["mood"], *told["moment"]}


@pytest.mark.parametrize("faces", [0, 1, 2])
def test_too_few_are_nobody(faces: int) -> None:
    desk = newsroom(3)
    told = said(desk.scene(scene(faces)))
    assert set(told) == {"mood"}
    assert (told["mood"]["faces"], told["mood"]["emotion"], told["mood"]["scores"]) == (0, None, {})
    assert said(desk.empty("desk")) == {}, "the room was empty already"


@pytest.mark.parametrize(
    ("what", "payload", "forbidden"),
    [
        ("faces", b'{"faces": []}', True),
        ("mood", b'{"faces": 2, "emotion": "sad"}', True),
        ("mood", b'{"faces": 3, "emotion": "sad"}', False),
        ("mood", b'{"faces": 0, "emotion": null}', False),
        ("mood", b"nonsense", True),
        ("availability", b"online", False),
    ],
)
def test_what_the_broker_keeps_of_another_time_is_known(what: str, payload: bytes, *, forbidden: bool) -> None:
    assert Discretion(room_only=True, min_faces=3).forbids(what, payload) is forbidden
    assert not Discretion().forbids(what, payload)


def test_events_that_waited_are_dropped_unsent(tmp_path: Path) -> None:
    clock = Clock(lambda: True, "boot")
    spool = Spool(tmp_path, Limits(10_000, 3600.0, durable=False), clock)
    spool.open()
    spool.add([("emotiond/box/desk/event", b"{}", clock.now())] * 5)
    spool.close()
    room = Spool(tmp_path, Limits(10_000, 3600.0, durable=False, forget=True), clock)
    room.open()
    assert (room.count, room.bytes, room.oldest(0, 9)) == (0, 0, [])
    room.close()


def test_after_the_change_nothing_of_a_face_is_sent_or_kept(
    emotiond: Callable[..., Child],
    mosquitto: Mosquitto,
    listen: Callable[..., Listener],
    config_file: Callable[[str], Path],
    port: int,
    tmp_path: Path,
) -> None:
    mosquitto.start()
    broker = (
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ndevice = "box"\n[mqtt.spool]\ndirectory = "{tmp_path}/state"\n'
    )
    listener = listen()
    child = emotiond("run", "--config", config_file(broker + PATIENT), "--source", SCENE)
    listener.wait_for(lambda: len(listener.events("enter")) == 4, PATIENCE_SECONDS)
    listener.wait_for(lambda: any(heard.json["faces"] for heard in listener.heard("/faces")), PATIENCE_SECONDS)
    # As a power cut would: nobody tidies up.
    child.kill()
    listener.wait_for_word("box/availability", b"offline", PATIENCE_SECONDS)

    after = listen()
    after.wait_for(lambda: any(heard.payload for heard in after.heard("/faces")), PATIENCE_SECONDS)
    begun = len(after.heard())
    child = emotiond("run", "--config", config_file(broker + PATIENT + ROOM.format(3)), "--source", SCENE)
    after.wait_for_word("box/availability", b"online", PATIENCE_SECONDS)

    def news(end: str = "") -> list[Heard]:
        # What is retained stems from before: the new run's own words come to us as they are said.
        since = [heard for heard in after.heard()[begun:] if not heard.retain]
        return [heard for heard in since if heard.topic.startswith("emotiond/") and heard.topic.endswith(end)]

    after.wait_for(lambda: any(b'"faces":4' in heard.payload for heard in news("/mood")), PATIENCE_SECONDS)
    after.wait_for(lambda: after.heard("/faces")[-1].payload == b"", PATIENCE_SECONDS)
    assert child.terminate() == 0
    after.wait_for_word("box/availability", b"offline", PATIENCE_SECONDS)

    full = [heard for heard in news() if heard.payload]
    topics = {heard.topic.removeprefix("emotiond/box/") for heard in full}
    assert topics == {"availability", "state", "camera/availability", "camera/mood"}
    assert not [heard for heard in full if b'"track"' in heard.payload or b'"box"' in heard.payload]
    states = [heard.json for heard in full if heard.topic.endswith("/state")]
    assert {state["privacy"] for state in states} == {"room"}
    late = listen()
    late.wait_for_word("box/availability", b"offline", PATIENCE_SECONDS)
    kept = {heard.topic.rpartition("/")[2] for heard in late.heard() if heard.retain}
    assert "faces" not in kept
    (discovery,) = [heard.json for heard in late.heard("/config")]
    assert "camera_mood" in discovery["cmps"]
    assert not {"camera_event", "camera_faces", "camera_occupancy"} & set(discovery["cmps"])


def test_fewer_than_wanted_are_nobody_in_every_message(
    emotiond: Callable[..., Child], config_file: Callable[[str], Path]
) -> None:
    config = config_file(
        '[mqtt]\ndevice = "box"\n[deployment]\ncontext = "workplace"\n[privacy]\nmin_faces = 9\n' + PATIENT
    )
    child = emotiond("run", "--config", config, "--source", f"{SCENE}&frames=20", "--outlet", "stdout")
    assert child.wait() == 0
    lines = [json.loads(line) for line in child.stdout.splitlines()]
    assert {line["topic"].rpartition("/")[2] for line in lines} == {"availability", "state", "mood"}
    moods = [line["payload"] for line in lines if line["topic"].endswith("/mood")]
    assert [(mood["faces"], mood["emotion"]) for mood in moods] == [(0, None)] * len(moods) != []
    states = [line["payload"] for line in lines if line["topic"].endswith("/state")]
    assert {state["cameras"]["camera"]["faces"] for state in states} == {0}
    assert all("Article 5(1)(f)" in state["notice"] for state in states)
    assert sum("Article 5(1)(f)" in line for line in child.stderr.splitlines()) == 1
