"""A probe says what a camera gives, and where it gives nothing, why and what helps."""

from __future__ import annotations

import pytest

from emotiond.capture.address import source_of
from emotiond.capture.lens import Lens
from emotiond.capture.probe import probe, remedy
from emotiond.capture.source import Wish
from emotiond.capture.synthetic import Parameters, Synthetic
from tests.capture.scripted import BLACK, DAMAGED, GOOD, LATE, SAME, Scripted
from tests.capture.webcam import Webcam, running

WISH = Wish(64, 48, 10.0, 3.0)


def test_a_camera_that_is_well_gives_a_frame_a_rate_and_a_latency():
    found = probe(Scripted([GOOD], rate_hz=50.0), "hall", Lens(90), seconds=0.5)
    assert (found.reason, found.remedy, found.damaged, found.formats) == ("", "", 0, ())
    assert (found.frame.camera, found.frame.width, found.frame.height) == ("hall", 48, 64)
    # No faster than it is, and however slow this machine is.
    assert 0.5 < found.rate_hz <= 50.5
    assert 0.0 <= found.latency_seconds < 5.0
    assert probe(Scripted([LATE], rate_hz=50.0), seconds=0.5).latency_seconds == pytest.approx(12.5, abs=2.5)


@pytest.mark.parametrize(
    ("step", "words", "helps"),
    [(BLACK, "black", "uncover"), (SAME, "frozen", "off and on"), (DAMAGED, "damaged", "transport")],
)
def test_a_camera_that_shows_no_room_is_told(step, words, helps):
    found = probe(Scripted([step], rate_hz=50.0), seconds=3.0)
    assert words in found.reason
    assert helps in found.remedy


def test_a_stream_is_probed_through_its_decoder():
    with running(Webcam(pause_seconds=0.1)) as server:
        found = probe(source_of(server.address, WISH), seconds=1.0)
    assert found.reason == ""
    assert (found.frame.width, found.frame.height, found.frame.source) == (160, 120, server.name)
    assert 0.5 < found.rate_hz <= 11.0
    assert found.first_seconds > 0.0


@pytest.mark.parametrize(
    ("address", "words", "helps"),
    [
        ("9876", "/dev/video9876: no such camera", "ls /dev/v4l/by-id"),
        ("rtsp://viewer:secret@127.0.0.1:{port}/live", "refuses the connection", "VLC"),
        ("none.mp4", "cannot be read", ""),
    ],
)
def test_what_is_not_there_is_told_with_a_remedy(address, words, helps, port):
    found = probe(source_of(address.format(port=port), WISH))
    assert words in found.reason
    assert helps in found.remedy
    assert found.frame is None
    assert "secret" not in found.reason


def test_a_finite_source_is_no_camera_and_gives_its_first_picture():
    found = probe(Synthetic(Parameters(faces=1, width=64, height=48, frames=3, face_pixels=20)))
    assert (found.reason, found.rate_hz, found.latency_seconds) == ("", None, None)
    assert found.frame.width == 64


def test_an_unknown_reason_has_no_remedy():
    assert remedy("the dog ate it") == ""
