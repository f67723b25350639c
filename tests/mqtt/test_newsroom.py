"""Events are numbered without a gap, states are retained and said no oftener than they must be."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from emotiond.mqtt.clock import Clock
from emotiond.mqtt.contract import QueueHealth
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.topics import Topics
from emotiond.records import (
    Box,
    CameraLoad,
    CameraReport,
    CameraState,
    DeviceHealth,
    Event,
    EventKind,
    Face,
    FaceMood,
    Frame,
    Mood,
    RoomMood,
    Scene,
)

NOON = datetime(2031, 2, 3, 4, 5, 6, 789000, UTC)
PIXELS = np.zeros((100, 200, 1), np.uint8)
FACE = Face(Box(20.0, 10.0, 50.0, 50.0), 1.0)


class Desk:
    """A newsroom whose clock stands until it is moved."""

    def __init__(self):
        self.now_seconds = 100.0
        self.newsroom = Newsroom(
            Topics("emotiond", "box"),
            Identity("1.2.3", "b007"),
            1.0,
            Clock(lambda: True, "boot", lambda: self.now_seconds, NOON.timestamp),
        )

    def said(self, envelopes):
        return [envelope.topic.removeprefix("emotiond/box/") for envelope in envelopes]

    def scene(self, emotion="happy", *, camera="hall", events=(), faces=1):
        moods = [FaceMood(FACE, mood(emotion), number) for number in range(faces)]
        frame = Frame(camera, 0, 0.0, PIXELS, "source")
        return self.newsroom.scene(Scene(frame, moods, RoomMood(faces, mood(emotion) if faces else None), list(events)))

    def cameras(self, state, reason="", *, paused=False):
        """Report one camera on a device that has been up for a minute."""
        report = CameraReport("hall", state, reason, 3, 1)
        health = DeviceHealth(60.0, 10.0, 0.05, 0.1, 48.25, False)
        queue = QueueHealth(0, 2, 0, 0, 0, 0, "")
        return self.newsroom.cameras([report], {"hall": CameraLoad(9.96, 2, paused)}, lambda: health, lambda: queue)


def mood(emotion):
    return Mood(emotion, 0.75, np.array([0.05, 0, 0, 0.75, 0, 0, 0.2], np.float32))


def event(kind, camera="hall", **more):
    return Event(kind, camera, 7, 1.5, Box(0.1, 0.2, 0.3, 0.4), mood("happy"), **more)


@pytest.fixture
def desk():
    return Desk()


def test_an_event_says_all_that_happened_and_is_not_retained(desk):
    (sent,) = desk.newsroom.events([event(EventKind.CHANGE, previous="sad", duration_seconds=2.0)])
    assert sent.topic == "emotiond/box/hall/event"
    assert not sent.retain
    said = json.loads(sent.payload)
    assert said["event_type"] == "change"
    assert (said["camera"], said["track"], said["emotion"], said["previous"]) == ("hall", 7, "happy", "sad")
    assert (said["confidence"], said["duration_seconds"]) == (0.75, 2.0)
    assert said["box"] == [0.1, 0.2, 0.3, 0.4]
    assert said["scores"]["happy"] == 0.75
    assert said["time"] == "2031-02-03T04:05:06.789Z"
    assert (said["seq"], said["boot_id"], said["schema"]) == (1, "b007", 1)


def test_each_cameras_events_are_numbered_without_a_gap(desk):
    kinds = (EventKind.ENTER, EventKind.LEAVE)
    sent = desk.newsroom.events([event(kind, camera) for kind in kinds for camera in ("hall", "door")])
    sent += desk.newsroom.events([event(EventKind.ENTER)])
    sent += desk.scene(events=[event(EventKind.LEAVE)])[:1]
    numbers = {"hall": [], "door": []}
    for envelope in sent:
        said = json.loads(envelope.payload)
        numbers[said["camera"]].append(said["seq"])
    assert numbers == {"hall": [1, 2, 3, 4], "door": [1, 2]}


def test_the_rooms_mood_is_said_at_once_when_it_changes_and_else_once_a_second(desk):
    assert "hall/mood" in desk.said(desk.scene("happy"))
    desk.now_seconds += 0.5
    assert desk.said(desk.scene("happy")) == []
    assert "hall/mood" in desk.said(desk.scene("sad"))
    desk.now_seconds += 0.9
    assert "hall/mood" not in desk.said(desk.scene("sad"))
    desk.now_seconds += 0.2
    assert "hall/mood" in desk.said(desk.scene("sad"))
    assert "hall/mood" in desk.said(desk.scene(faces=0))


def test_the_faces_are_said_when_they_change_and_once_a_second_at_most(desk):
    assert "hall/faces" in desk.said(desk.scene(faces=1))
    desk.now_seconds += 0.5
    assert "hall/faces" not in desk.said(desk.scene(faces=2))
    desk.now_seconds += 0.6
    assert "hall/faces" in desk.said(desk.scene(faces=2))
    desk.now_seconds += 5.0
    assert "hall/faces" not in desk.said(desk.scene(faces=2))
    desk.now_seconds += 26.0
    assert "hall/faces" in desk.said(desk.scene(faces=2)), "a state that is not renewed expires"


def test_states_are_retained_and_hold_what_is_in_view(desk):
    sent = {envelope.topic.rpartition("/")[2]: envelope for envelope in desk.scene(faces=2)}
    assert sent["mood"].retain
    assert sent["faces"].retain
    room, faces = json.loads(sent["mood"].payload), json.loads(sent["faces"].payload)
    assert (room["faces"], room["emotion"], room["confidence"]) == (2, "happy", 0.75)
    assert [face["box"] for face in faces["faces"]] == [[0.1, 0.1, 0.25, 0.5]] * 2


def test_an_empty_room_has_no_emotion(desk):
    (room,) = [json.loads(sent.payload) for sent in desk.scene(faces=0) if sent.topic.endswith("/mood")]
    assert (room["faces"], room["emotion"], room["confidence"]) == (0, None, None)


def test_a_camera_is_said_to_be_there_or_not_only_when_that_changes(desk):
    def words(state):
        sent = desk.cameras(state)
        return [(envelope.payload, envelope.retain) for envelope in sent if envelope.topic.endswith("/availability")]

    assert words(CameraState.CONNECTING) == [(b"offline", True)]
    assert words(CameraState.OFFLINE) == []
    assert words(CameraState.ONLINE) == [(b"online", True)]
    assert words(CameraState.ONLINE) == []
    assert words(CameraState.ENDED) == [(b"offline", True)]


def test_the_devices_state_is_said_when_a_camera_changes_and_every_half_minute(desk):
    def states(state, **more):
        sent = desk.cameras(state, "why", **more)
        return [json.loads(envelope.payload) for envelope in sent if envelope.topic == "emotiond/box/state"]

    (said,) = states(CameraState.OFFLINE)
    hall = {"state": "offline", "reason": "why", "paused": False, "frames": 3, "dropped": 1}
    load = {"frames_per_second": 10.0, "faces": 2, "readings_per_second": 0.0}
    assert said["cameras"]["hall"] == hall | load | {"damaged": 0, "reopened": 0}
    assert (said["queue"]["dropped"], said["frames_per_second"], said["uptime_seconds"]) == (2, 10.0, 60.0)
    assert (said["latency_p50_milliseconds"], said["latency_p95_milliseconds"]) == (50.0, 100.0)
    assert (said["cpu_celsius"], said["throttled"]) == (48.2, False)
    assert (said["version"], said["boot_id"]) == ("1.2.3", "b007")
    assert states(CameraState.OFFLINE) == []
    assert len(states(CameraState.ONLINE)) == 1
    (paused,) = states(CameraState.ONLINE, paused=True)
    assert paused["cameras"]["hall"]["paused"] is True
    assert len(states(CameraState.ONLINE)) == 1
    desk.now_seconds += 31.0
    assert len(states(CameraState.ONLINE)) == 1


def test_a_camera_that_goes_leaves_an_empty_room_behind_once(desk):
    assert desk.newsroom.empty("hall") == [] or desk.said(desk.newsroom.empty("hall")) == []
    desk.scene(faces=2)
    assert desk.said(desk.newsroom.empty("hall")) == ["hall/faces", "hall/mood"]
    assert desk.newsroom.empty("hall") == []
