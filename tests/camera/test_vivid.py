"""V4L2 for real, on the kernel's own test camera: `make test-camera` boots a machine that has one.

Each raw format, a stall, an unplug and replug, a camera that appears only after the start.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from emotiond.capture.device import offers
from emotiond.capture.mailbox import Bell
from emotiond.capture.probe import probe
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import SourceError, Wish
from emotiond.capture.v4l2 import V4l2
from emotiond.records import CameraState, PixelFormat

DRIVER = Path("/sys/bus/platform/drivers/vivid")
DEVICE = Path("/dev/video0")
#: An emulated machine takes its time.
WAIT_SECONDS = 120.0
WISH = Wish(320, 180, 10.0, 20.0)

pytestmark = pytest.mark.skipif(
    not DRIVER.is_dir(), reason="no vivid camera here; make test-camera boots a machine with one"
)


@pytest.fixture(autouse=True)
def plugged():
    yield
    if not (DRIVER / "vivid.0").exists():
        (DRIVER / "bind").write_text("vivid.0")
    stall(percent=0)


def stall(percent):
    control = f"percentage_of_dropped_buffers={percent}"
    subprocess.run(["v4l2-ctl", "-d", DEVICE, "--set-ctrl", control], check=False, capture_output=True)


@pytest.fixture
def reader():
    readers = []

    def start(wish=WISH):
        patience = Patience(2 * wish.timeout_seconds, wish.timeout_seconds, 60.0)
        readers.append(Reader("desk", V4l2(DEVICE, wish), Bell(), Retry(0.2, 0.5), patience=patience))
        readers[-1].start()
        return readers[-1]

    yield start
    for found in readers:
        found.stop(30.0)


def becomes(reader, state):
    deadline = time.monotonic() + WAIT_SECONDS
    while reader.report().state is not state:
        assert time.monotonic() < deadline, reader.report()
        time.sleep(0.05)


def test_the_device_tells_what_it_offers():
    found = {offer.fourcc for offer in offers(DEVICE)}
    assert {"YUYV", "NV12", "GREY"} <= found


@pytest.mark.parametrize(
    ("name", "form", "shape"),
    [
        ("yuyv", PixelFormat.YUYV, (180, 320, 2)),
        ("nv12", PixelFormat.NV12, (270, 320, 1)),
        ("grey", PixelFormat.GRAY, (180, 320, 1)),
        ("auto", PixelFormat.GRAY, (180, 320, 1)),
    ],
)
def test_every_raw_format_is_passed_on_raw_with_the_drivers_time(name, form, shape):
    camera = V4l2(DEVICE, WISH._replace(format=name))
    camera.open()
    pictures = [camera.read() for _ in range(3)]
    now = time.monotonic()
    camera.close()
    assert {(picture.format, picture.pixels.shape) for picture in pictures} == {(form, shape)}
    times = [picture.taken_seconds for picture in pictures]
    assert times == sorted(set(times))
    assert 0.0 < now - times[-1] < WISH.timeout_seconds
    # Bars of colour, not one even gray.
    assert pictures[0].pixels[:90, :, 0].std() > 20


def test_pictures_may_be_skipped_and_the_next_one_is_new():
    camera = V4l2(DEVICE, WISH._replace(format="yuyv"))
    camera.open()
    pictures = [camera.read(), camera.skip(), camera.skip(), camera.read()]
    camera.close()
    assert [picture.skipped for picture in pictures] == [False, True, True, False]
    times = [picture.taken_seconds for picture in pictures]
    assert times == sorted(set(times))


def test_a_probe_tells_of_a_real_camera():
    found = probe(V4l2(DEVICE, WISH), seconds=10.0)
    assert (found.reason, found.frame.format) == ("", PixelFormat.GRAY)
    assert found.formats
    assert found.rate_hz > 0.1
    assert found.latency_seconds >= 0.0


def test_a_format_that_it_has_not_is_said():
    with pytest.raises(SourceError, match=r"format mjpeg: not among what the camera offers \(.*YUYV"):
        V4l2(DEVICE, WISH._replace(format="mjpeg")).open()


def test_a_stall_is_noticed_and_got_over(reader):
    desk = reader()
    becomes(desk, CameraState.ONLINE)
    stall(percent=100)
    becomes(desk, CameraState.OFFLINE)
    stall(percent=0)
    becomes(desk, CameraState.ONLINE)


def test_an_unplugged_camera_comes_back(reader):
    desk = reader()
    becomes(desk, CameraState.ONLINE)
    (DRIVER / "unbind").write_text("vivid.0")
    becomes(desk, CameraState.OFFLINE)
    (DRIVER / "bind").write_text("vivid.0")
    becomes(desk, CameraState.ONLINE)
    assert desk.report().reopened >= 1


def test_a_camera_may_appear_after_the_start(reader):
    (DRIVER / "unbind").write_text("vivid.0")
    desk = reader()
    becomes(desk, CameraState.OFFLINE)
    assert "no such camera" in desk.report().reason
    (DRIVER / "bind").write_text("vivid.0")
    becomes(desk, CameraState.ONLINE)
