"""The cheapest format that is fast enough is chosen; a bare sensor and a lasting name are told from what udev keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotiond.capture.device import Offer, chosen, is_sensor, lasting_name
from emotiond.capture.jpeg import JpegError, decoded
from emotiond.capture.source import SourceError, Wish
from emotiond.capture.v4l2 import V4l2, unpacked
from emotiond.records import PixelFormat
from tests.capture.webcam import jpeg

#: As a usual USB camera offers it: raw pixels are slow where they are large.
USB = [
    Offer("MJPG", 1280, 720, 30.0),
    Offer("MJPG", 640, 480, 30.0),
    Offer("YUYV", 1280, 720, 10.0),
    Offer("YUYV", 640, 480, 30.0),
]


@pytest.mark.parametrize(
    ("found", "wanted", "size", "code"),
    [
        (USB, "auto", (1280, 720), "MJPG"),
        (USB, "auto", (640, 480), "YUYV"),
        (USB, "auto", (800, 600), "MJPG"),
        (USB, "yuyv", (1280, 720), "YUYV"),
        (USB, "nv12", (1280, 720), None),
        ([*USB, Offer("GREY", 640, 480, 60.0)], "auto", (640, 480), "GREY"),
        ([Offer("YUYV", 0, 0, 0.0), Offer("NV12", 0, 0, 0.0)], "auto", (1280, 720), "NV12"),
        ([Offer("YUYV", 640, 480, 5.0)], "auto", (640, 480), "YUYV"),
        ([Offer("pBAA", 3280, 2464, 0.0)], "auto", (1280, 720), None),
        ([], "auto", (1280, 720), None),
    ],
)
def test_the_cheapest_format_that_is_fast_enough_is_chosen(found, wanted, size, code):
    assert chosen(found, wanted, *size, 30.0) == code


def test_the_bare_sensor_of_a_raspberry_pi_is_told_and_the_remedy_said(tmp_path):
    for number, name in ((0, "rp1-cfe-csi2_ch0"), (1, "unicam-image"), (2, "HD Pro Webcam C920")):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text(f"{name}\n")
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / f"video{number}").touch()
    places = [tmp_path / "dev" / f"video{number}" for number in range(4)]
    assert [is_sensor(place, tmp_path) for place in places] == [True, True, False, False]
    camera = V4l2(places[0], Wish(1280, 720, 30.0, 1.0), sysfs=tmp_path)
    with pytest.raises(SourceError, match=r"video0: is the bare sensor of a CSI camera; use csi:$"):
        camera.open()


def test_a_camera_has_a_lasting_name(tmp_path):
    by_id = tmp_path / "by-id"
    assert lasting_name(tmp_path / "video0", by_id) is None
    by_id.mkdir()
    for name, number in (("usb-A-index0", 0), ("usb-B-index0", 2)):
        (tmp_path / f"video{number}").touch()
        (by_id / name).symlink_to(Path("..") / f"video{number}")
    assert lasting_name(tmp_path / "video2", by_id) == by_id / "usb-B-index0"
    assert lasting_name(tmp_path / "video1", by_id) is None


@pytest.mark.parametrize(
    ("fourcc", "channels", "rows", "form"),
    [("GREY", 1, 48, PixelFormat.GRAY), ("YUYV", 2, 48, PixelFormat.YUYV), ("NV12", 1, 72, PixelFormat.NV12)],
)
def test_raw_buffers_are_passed_on_raw_and_are_ours(fourcc, channels, rows, form):
    buffer = np.random.default_rng(1).integers(0, 256, rows * 64 * channels, np.uint8)
    pixels, found = unpacked(buffer, fourcc, 48, color=False)
    assert (pixels.shape, found) == ((rows, 64, channels), form)
    assert (pixels.reshape(-1) == buffer).all()
    assert not np.shares_memory(pixels, buffer)
    with pytest.raises(JpegError, match="cut short"):
        unpacked(buffer[:-1], fourcc, 48, color=False)


def test_a_jpeg_of_a_driver_ends_with_zeros():
    code = np.frombuffer(jpeg(7) + bytes(100), np.uint8).reshape(1, -1)
    assert (unpacked(code, "MJPG", 120, color=False)[0] == decoded(jpeg(7), color=False)).all()
    assert unpacked(code, "MJPG", 120, color=True)[1] is PixelFormat.BGR
    with pytest.raises(JpegError):
        unpacked(code[:, :300], "MJPG", 120, color=False)
    with pytest.raises(JpegError, match="format that is not known"):
        unpacked(code, "H264", 120, color=False)
