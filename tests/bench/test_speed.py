"""The bench of speed measures what it says: figures add up, and every method it compares does the same work."""

from __future__ import annotations

import json
import os
import sys

import cv2
import msgspec
import numpy as np
import pytest

from emotiond import parts
from emotiond.bench import mosquitto, peers, speed, verdict, wording
from emotiond.bench.live import Live
from emotiond.bench.machine import describe
from emotiond.bench.naive import Against, Naive
from emotiond.bench.pixels import Cut, with_loops, with_opencv
from emotiond.bench.reel import Player, Reel, as_jpeg, converted, rendered
from emotiond.bench.rush import READINGS_HZ, Runner, Rush, Stages
from emotiond.bench.startup import family
from emotiond.config import Config, Detector, PipelineTable
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
    # A busy machine looks less often: here it may not.
    config = Config(detector=Detector(every_frames=1))
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


def test_what_was_asked_for_stands_beside_what_was_measured():
    def line(faces, size, rate_hz, live=None, name=""):
        stages = Stages(*[0.0] * 7)
        return speed.Line(name, faces, size, Rush(stages, rate_hz, 0.0, faces, 3.0), live, empty=not faces)

    def live(cpu):
        return Live(30.0, 30.0, 0, 40.0, 4.2, 20.0, 30.0, 33.4, cpu, 150.0)

    cut = [Cut(side, 1.0, 1.0, 1.0, 1.0, 2.0 + side / 100.0, 1.5, 400.0, 0.5) for side in (40, 64, 96, 100)]
    report = speed.Report(
        {},
        lines=[
            line(1, (1920, 1080), 80.0),
            line(40, (1920, 1080), 60.0, live(1.0)),
            line(0, (1280, 720), 300.0, live(0.0412), "nobody, 1280x720, yuyv"),
        ],
        against=[Against("20 faces", "naive", 4.0, 100.0, 25.0, 20.0, 20.0)],
        networks=[peers.Network("OpenVINO, our network", 1000.0, 900.0, 0.9)],
        cuts=cut,
    )
    found = {row.figure.partition(":")[0]: (row.asked, row.measured) for row in verdict.rows(report)}
    assert found["20 faces, frames per second against naive"][0] == "10x"
    assert found["1920x1080, frames per second at 40 faces against 1"] == ("0.5", "0.75")
    assert found["40 faces, 1080p, live"][1] == "30.0 fps, 4.2 per second, 33 ms"
    assert found["kernel against OpenCV, 40 to 64 pixels"] == ("3x", "2.4x to 2.6x")
    assert found["classifier's faces per second at batch 16 against OpenVINO, our network"] == ("0.8x", "0.90x")
    assert found["nobody, 1280x720, yuyv, live"] == ("5 %", "4.1%")
    assert "| figure | asked for | measured |" in wording.lines(report)


def test_the_naive_pipeline_finds_what_ours_finds(reel):
    assert Naive(SHIPPED, "auto").process(reel.frame(0)) == 2


def test_the_machine_is_described():
    machine = describe(2)
    assert machine["processor"]
    assert machine["cores"] >= 1
    assert machine["threads"] == 2
    assert os.getpid() in family(os.getppid())


def test_a_guest_answers_or_says_why_not(reel, tmp_path):
    with pytest.raises(peers.PeerError, match="No module named 'fer"), peers.guest(sys.executable, "fer", reel):
        pass
    with (
        pytest.raises(peers.PeerError, match="nowhere/python: No such file"),
        peers.guest("nowhere/python", "fer", reel),
    ):
        pass
    wrong = tmp_path / "other.hdf5"
    with pytest.raises(peers.PeerError), peers.guest(sys.executable, "batch", reel, wrong):
        pass


@pytest.mark.train
def test_keras_is_a_guest_on_the_same_frames(reel, shared_data):
    pytest.importorskip("keras")
    model = shared_data / "peers" / "fer2013_mini_XCEPTION.102-0.66.hdf5"
    if not model.exists():
        pytest.skip(f"{model} is not here")
    with peers.guest(sys.executable, "predict", reel, model) as other:
        assert "mini_XCEPTION" in other.name
        faces, seconds = other.turn(0)
    assert faces == 2
    assert seconds > 0.0


def test_peers_that_are_not_here_are_told_of():
    report = speed.Report({})
    with speed._unless_missing(report, "ONNX Runtime"):
        peers.onnx(None, 1)
    assert report.missing
    assert report.missing[0].startswith("ONNX Runtime: ")
