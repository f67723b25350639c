"""The narrator tells each message in words a person reads, and counts what it heard."""

from __future__ import annotations

import json

import pytest

from emotiond.demo.narrator import Narrator
from emotiond.mqtt.topics import Topics

TOPICS = Topics("emotiond", "demo")


@pytest.fixture
def told():
    return []


@pytest.fixture
def narrator(told):
    return Narrator(TOPICS, told.append)


def hear_event(narrator, kind, **more):
    event = {"event_type": kind, "track": 3, "emotion": "happy", "confidence": 0.914, **more}
    narrator.hear(TOPICS.event("hall"), json.dumps(event).encode())


def test_every_kind_of_event_is_told_and_counted(narrator, told):
    hear_event(narrator, "enter")
    hear_event(narrator, "change", previous="sad")
    hear_event(narrator, "leave", duration_seconds=12.34, shares={"happy": 0.3, "sad": 0.7})
    assert told == [
        "face 3 enters, happy (91% sure)",
        "face 3 turns from sad to happy (91% sure)",
        "face 3 leaves after 12.3 s, mostly sad",
    ]
    assert narrator.events == {"enter": 1, "change": 1, "leave": 1}


def test_the_room_is_told_only_when_it_changes(narrator, told):
    for faces, emotion in ((2, "happy"), (2, "happy"), (3, "happy"), (0, None)):
        narrator.hear(TOPICS.mood("hall"), json.dumps({"faces": faces, "emotion": emotion}).encode())
    assert told == [
        "the room: 2 faces, on average happy",
        "the room: 3 faces, on average happy",
        "the room: nobody in view",
    ]
    assert narrator.most_faces == 3


def test_it_knows_when_the_daemon_comes_and_goes(narrator, told):
    assert not narrator.online.is_set()
    narrator.hear(TOPICS.availability, b"online")
    assert narrator.online.is_set()
    assert not narrator.offline.is_set()
    narrator.hear(TOPICS.availability, b"offline")
    assert narrator.offline.is_set()
    assert told == []


def test_it_remembers_the_last_state(narrator):
    narrator.hear(TOPICS.state, b'{"frames_per_second": 14.9}')
    assert narrator.state == {"frames_per_second": 14.9}
