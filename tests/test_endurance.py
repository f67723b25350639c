"""What runs for weeks: memory stays what it is, no frame is copied, and no camera starves beside a crowded one."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from emotiond import delivery, parts
from emotiond.bench.reel import CAMERA, Reel, rendered
from emotiond.config import Camera, Config, Detector, Mqtt, PipelineTable
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.stdout import Stdout
from emotiond.pipeline import Pipeline
from emotiond.records import Frame, PixelFormat
from emotiond.vision.budget import Cost

GROWTH_BYTES = 100_000


def config_of(*cameras: str, **pace: float) -> Config:
    # Still faces, too, want to be read in every frame.
    pace = {"budget_ms": 1e6, "readings_per_second": 0.0, "still_readings_per_second": 30.0} | pace
    table = PipelineTable(**pace)
    finder = Detector()
    return Config(camera=tuple(map(named, cameras)), detector=finder, pipeline=table, mqtt=Mqtt(device="test"))


def named(camera: str) -> Camera:
    return Camera(name=camera)


def gray(reel: Reel) -> Reel:
    pictures = [np.ascontiguousarray(picture[:, :, 1:2]) for picture in reel.pictures]
    return Reel(reel.name, reel.faces, reel.rate_hz, pictures, PixelFormat.GRAY)


def test_traced_memory_is_flat_over_a_thousand_frames():
    config, reel = config_of(CAMERA), gray(rendered(1, 120, 90))
    stages = parts.pipeline(config)
    newsroom = Newsroom(delivery.topics(config), Identity("test", "testtest"), 1.0, delivery.clock(config))
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        outlet = Stdout(nowhere)

        def play(begin: int, end: int) -> int:
            seen = 0
            for index in range(begin, end):
                scene = stages.process(reel.frame(index))
                seen += len(scene.faces)
                for envelope in newsroom.scene(scene):
                    outlet.send(envelope)
            gc.collect()
            return seen

        tracemalloc.start()
        try:
            play(0, 150)
            before = tracemalloc.get_traced_memory()[0]
            seen = play(150, 1150)
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert seen > 300, "a face must be in view to prove anything"
    assert after - before < GROWTH_BYTES


@pytest.mark.parametrize("format_of", [PixelFormat.GRAY, PixelFormat.NV12])
def test_no_array_of_the_size_of_a_frame_is_made(format_of):
    reel = gray(rendered(2, 1280, 720))
    if format_of is PixelFormat.NV12:
        even = [np.concatenate([p, np.full((360, 1280, 1), 128, np.uint8)]) for p in reel.pictures[:4]]
        reel = Reel(reel.name, reel.faces, reel.rate_hz, even, format_of)
    # Every face in every frame.
    stages = parts.pipeline(Config(camera=(Camera(name=CAMERA, realtime=False),)))
    # Long enough for everybody to have entered.
    for index in range(30):
        stages.process(reel.frame(index))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        scene = stages.process(reel.frame(30))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(scene.faces) == scene.readings == 2
    # A gray frame has nine times as many.
    assert peak - before < GROWTH_BYTES


class Ticking:
    """A clock by which every look at it takes 10 ms."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.01
        return self.now


def test_no_camera_starves_beside_a_crowded_one():
    # Every frame is over its time before anybody is read: each camera has one reading per frame, whoever else waits.
    config = config_of("crowd", "desk", "door", budget_ms=1.0)
    detector, classifier, cost = parts.detector(config), parts.classifier(config), Cost()
    lanes = {camera.name: parts.lane(config, camera, classifier.sidecar, cost) for camera in config.camera}
    stages = Pipeline(detector, classifier, lanes, cost, clock=Ticking())
    reels = {"crowd": rendered(6, 320, 240), "desk": rendered(1, 160, 120), "door": rendered(1, 160, 120)}
    readings = dict.fromkeys(reels, 0)
    entered: dict[str, set[int]] = {name: set() for name in reels}
    frames = 26
    for index in range(frames):
        for name, reel in reels.items():
            shown = reel.frame(index)
            scene = stages.process(Frame(name, index, index / 10.0, shown.pixels, "test", format=shown.format))
            readings[name] += scene.readings
            entered[name] |= {face.track for face in scene.faces if face.track is not None}
    assert all(count >= frames - 10 for count in readings.values()), readings
    assert {name: len(tracks) for name, tracks in entered.items()} == {"crowd": 6, "desk": 1, "door": 1}
