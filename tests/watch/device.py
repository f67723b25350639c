"""What a device says, through its own newsroom."""

from __future__ import annotations

import numpy as np

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

SCORES = np.array([0.02, 0.0, 0.03, 0.62, 0.08, 0.05, 0.2], np.float32)
HAPPY = Mood("happy", 0.62, SCORES)


def messages(device, cameras):
    """What a device says through its own newsroom: health, a mood and an event of each camera."""
    newsroom = Newsroom(Topics("emotiond", device), Identity("0.1", "0123456789"), 1.0, Clock(lambda: True, "boot"))
    reports = [CameraReport(camera, CameraState.ONLINE, "", 100, 2) for camera in cameras]
    loads = {camera: CameraLoad(12.3, 3) for camera in cameras}
    health = DeviceHealth(60.0, 12.3, 0.045, 0.080, 51.0, throttled=False)
    told = newsroom.cameras(reports, loads, lambda: health, lambda: QueueHealth(0, 0, 0, 0, 0, 0, ""))
    for camera in cameras:
        frame = Frame(camera, 0, 0.0, np.zeros((48, 64, 1), np.uint8), "test")
        faces = [FaceMood(Face(Box(1.0, 1.0, 20.0, 20.0), 5.0), HAPPY, 7)]
        event = Event(EventKind.ENTER, camera, 517204, 0.0, Box(0.1, 0.1, 0.2, 0.2), HAPPY)
        told += newsroom.scene(Scene(frame, faces, RoomMood(3, HAPPY), [event]))
    return [(f"emotiond/{device}/availability", b"online"), *((e.topic, e.payload) for e in told)]
