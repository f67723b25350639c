"""Standard input gives raw pictures of every format, or JPEG ones; it ends when they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from emotiond.capture.source import SourceError, Wish
from emotiond.capture.stdin import Shape, StandardInput
from emotiond.records import PixelFormat
from tests.capture.webcam import jpeg

WISH = Wish(64, 48, 10.0, 1.0)


@pytest.mark.parametrize(
    ("form", "shape", "found"),
    [
        ("gray", (4, 6, 1), PixelFormat.GRAY),
        ("bgr", (4, 6, 3), PixelFormat.BGR),
        ("yuyv", (4, 6, 2), PixelFormat.YUYV),
        ("nv12", (6, 6, 1), PixelFormat.NV12),
        ("yuv420", (4, 6, 1), PixelFormat.GRAY),
    ],
)
def test_raw_pictures_come_one_after_the_other(form, shape, found):
    source, sink = os.pipe()
    size = int(np.prod(shape)) if form != "yuv420" else 36
    code = np.random.default_rng(2).integers(0, 256, 3 * size, np.uint8)
    os.write(sink, code.tobytes() + b"half")
    os.close(sink)
    stdin = StandardInput(Shape(form, "6x4"), WISH, source)
    pictures = list(iter(stdin.read, None))
    os.close(source)
    assert len(pictures) == 3
    for number, picture in enumerate(pictures):
        assert (picture.pixels.shape, picture.format) == (shape, found)
        assert (picture.pixels.reshape(-1) == code[number * size :][: np.prod(shape)]).all()


def test_planes_are_woven_into_nv12_where_colours_are_wanted():
    source, sink = os.pipe()
    luma, u, v = np.arange(24), np.arange(100, 106), np.arange(200, 206)
    os.write(sink, np.concatenate((luma, u, v)).astype(np.uint8).tobytes())
    os.close(sink)
    picture = StandardInput(Shape("yuv420", "6x4"), WISH._replace(color=True), source).read()
    os.close(source)
    assert picture.format is PixelFormat.NV12
    assert picture.pixels[4:].reshape(-1).tolist() == [100, 200, 101, 201, 102, 202, 103, 203, 104, 204, 105, 205]


def test_a_silent_standard_input_is_given_up_in_time():
    source, sink = os.pipe()
    with pytest.raises(SourceError, match=r"^standard input: no frame within 1 s$"):
        StandardInput(Shape("gray", "6x4"), WISH, source).read()
    os.close(source)
    os.close(sink)


@pytest.mark.parametrize("address", ["-", "-?format=gray&size=160x120"])
def test_the_daemon_reads_standard_input_to_its_end(address, config_file):
    config = config_file('[mqtt]\ndevice = "box"\n[capture]\ntimeout_seconds = 60\n')
    code = b"".join(jpeg(number) if address == "-" else bytes([90]) * 19200 for number in range(5))
    command = [sys.executable, "-m", "emotiond", "run", "--config", config, f"--source={address}", "--outlet", "stdout"]
    done = subprocess.run(command, input=code, capture_output=True, timeout=240, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    states = [json.loads(line)["payload"] for line in done.stdout.splitlines() if b"/state" in line]
    camera = states[-1]["cameras"]["camera"]
    assert camera["state"] == "ended"
    assert camera["frames"] >= 1
