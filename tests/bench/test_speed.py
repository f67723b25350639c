"""The bench of speed measures what it says: figures add up, and every method it compares does the same work."""

from __future__ import annotations

import json
import os

import cv2
import msgspec
import numpy as np
import pytest

from emotiond import parts
from emotiond.bench import mosquitto, speed, wording
from emotiond.bench.machine import describe
from emotiond.bench.naive import Naive
from emotiond.bench.pixels import with_loops, with_opencv
from emotiond.bench.reel import Player, Reel, as_jpeg, converted, rendered
from emotiond.bench.rush import READINGS_HZ, Runner
from emotiond.bench.startup import _family
from emotiond.config import Config, PipelineTable
from emotiond.native.preprocess import crop_faces
from emotiond.records import PixelFormat
from emotiond.vision.sidecar import SHIPPED


@pytest.fixture(scope="module")
def reel() -> Reel:
    return rendered(2, 320, 240)


def test_a_reel_plays_to_and_fro(reel):
    small = Reel("three", 0, 10.0, reel.pictures[:3], PixelFormat.BGR)
    shown = [next(n for n in range(3) if small.frame(index).pixels is small.pictures[n]) for index in range(9)]
    assert shown == [0, 1, 2, 1, 0, 1, 2, 1, 0]
    player = Player(small)
    player.open()
    assert [player.read().time_seconds for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])
    assert small.size == (320, 240)


@pytest.mark.parametrize("wish", PixelFormat)
def test_a_reel_in_any_format_shows_the_same(reel, wish):
    turned = converted(reel, wish)
    player, frame = Player(turned), turned.frame(0)
    player.open()
    assert player.read().format is wish
    assert (frame.width, frame.height, frame.format) == (320, 240, wish)
    luma = cv2.cvtColor(reel.pictures[0], cv2.COLOR_BGR2GRAY).astype(float)
    # Video luma goes from 16 to 235.
    raw = wish in {PixelFormat.YUYV, PixelFormat.NV12}
    np.testing.assert_allclose(frame.luma, 16.0 + luma * 219.0 / 255.0 if raw else luma, atol=1.5)


@pytest.mark.skipif(mosquitto.program() is None, reason="mosquitto is not installed (apt: mosquitto)")
@pytest.mark.parametrize("wish", [PixelFormat.YUYV, speed.MJPEG])
def test_in_an_empty_room_every_frame_is_told_of_and_few_are_decoded(wish):
    (make,) = speed.scenes((0,), ((320, 240),), wish)
    report = speed.measure(Config(), [make], 3.0, lambda _: None)
    slow = report.lines[0].live
    assert (slow.found, report.lines[0].name) == (0.0, f"nobody, 320x240, {wish}")
    assert 1.0 < slow.decoded_per_second < 0.8 * slow.frames_per_second


def test_a_reel_of_jpeg_shows_the_same(reel):
    turned = as_jpeg(reel)
    player = Player(turned)
    player.open()
    assert player.skip().skipped
    picture = player.read()
    assert picture.format is PixelFormat.GRAY
    assert turned.capture_seconds > 0.0
    luma = cv2.cvtColor(reel.pictures[1], cv2.COLOR_BGR2GRAY).astype(float)
    assert np.abs(picture.pixels[:, :, 0] - luma).mean() < 2.0


def test_every_face_is_read_as_often_as_asked_and_the_stages_add_up(reel):
    config = Config()
    runner = Runner(config, reel, parts.detector(config), parts.classifier(config))
    result = runner.frames(30)
    assert result["found"] == 60
    assert result["readings"] == pytest.approx(2 * READINGS_HZ, abs=2)
    stages = sum(result[name] for name in ("detect", "track", "batch", "classify", "mood", "publish"))
    assert 0.5 * result["seconds"] < stages <= result["seconds"]


@pytest.mark.skipif(mosquitto.program() is None, reason="mosquitto is not installed (apt: mosquitto)")
def test_a_report_holds_every_figure(reel):
    config = Config(pipeline=PipelineTable(readings_per_second=5.0))
    report = speed.measure(config, [lambda: reel], 1.0, lambda _: None)
    (line,) = report.lines
    assert (line.faces, line.size, report.missing) == (2, (320, 240), [])
    assert line.rush.frames_per_second > 0.0
    assert line.live is not None
    latencies = (
        line.live.latency_p50_milliseconds,
        line.live.latency_p95_milliseconds,
        line.live.latency_p99_milliseconds,
    )
    assert None not in latencies
    assert 0.0 < latencies[0] <= latencies[1] <= latencies[2]
    assert line.live.resident_megabytes > 20.0
    told = json.loads(report.json())
    assert told["lines"][0]["rush"] == msgspec.to_builtins(line.rush)
    text = "\n".join(wording.lines(report))
    assert "| 2 faces, 320x240 |" in text
    assert "capture to its acknowledgement" in text


@pytest.mark.parametrize("side", [96, 131])
def test_all_ways_to_cut_a_face_out_do_the_same(side):
    rng = np.random.default_rng(2)
    frame = cv2.GaussianBlur(rng.integers(0, 256, (200, 200, 3), np.uint8), (0, 0), 2.0)
    box, out = (17, 23, side, side), np.empty((1, 48, 48, 1), np.float32)
    crop_faces(frame, np.array([box], np.float32), out, 1.0 / 255.0, 0.0)
    np.testing.assert_allclose(np.array(with_loops(frame, box)), out[0, :, :, 0], atol=0.001)
    # OpenCV rounds twice.
    np.testing.assert_allclose(with_opencv(frame, [box], cv2.INTER_AREA)[0], out[0], atol=1.5 / 255.0)


def test_the_naive_pipeline_finds_what_ours_finds(reel):
    assert Naive(SHIPPED, "auto").process(reel.frame(0)) == 2


def test_the_machine_is_described():
    machine = describe(2)
    assert machine["processor"]
    assert machine["cores"] >= 1
    assert machine["threads"] == 2
    assert os.getpid() in _family(os.getppid())
