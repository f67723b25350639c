"""A CSI camera's program is read through a pipe: here one that writes, with ffmpeg, the bytes that rpicam-vid writes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from emotiond.capture.csi import Csi, Which
from emotiond.capture.source import SourceError, Wish
from emotiond.records import PixelFormat
from tests.capture.test_stream import is_gone, wait_until

WISH = Wish(320, 240, 10.0, 5.0)
#: Understands the options that it is given, and fails on any other.
PROGRAM = """#!{python}
import argparse, os, sys
known = argparse.ArgumentParser()
for name in ("codec", "output", "timeout", "verbose", "width", "height", "framerate", "camera"):
    known.add_argument("--" + name, required=True)
known.add_argument("--nopreview", action="store_true")
asked = known.parse_args()
assert (asked.codec, asked.output, asked.timeout) == ("yuv420", "-", "0")
if asked.camera != "0":
    sys.exit("ERROR: *** no cameras available ***")
{then}
"""
FFMPEG = """source = f"testsrc2=size={asked.width}x{asked.height}:rate={asked.framerate}"
os.execvp("ffmpeg", ["ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", source,
                     "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"])"""
SILENT = 'import time; print("starting", file=sys.stderr, flush=True); time.sleep(600)'


@pytest.fixture
def rpicam(tmp_path, monkeypatch):
    def install(then=FFMPEG, name="rpicam-vid"):
        program = tmp_path / name
        program.write_text(PROGRAM.format(python=sys.executable, then=then))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return install


@pytest.mark.parametrize("name", ["rpicam-vid", "libcamera-vid"])
@pytest.mark.parametrize("color", [False, True])
def test_pictures_come_as_the_program_writes_them(rpicam, name, color):
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    rpicam(name=name)
    camera = Csi(Which(), WISH._replace(color=color))
    camera.open()
    pictures = [camera.read() for _ in range(3)]
    camera.close()
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-frames:v", "3"]
    whole = subprocess.run([*command, "-pix_fmt", "nv12", "-f", "rawvideo", "-"], capture_output=True, check=True)
    expected = np.frombuffer(whole.stdout, np.uint8).reshape(3, 360, 320, 1)
    for picture, truth in zip(pictures, expected, strict=True):
        assert picture.format is (PixelFormat.NV12 if color else PixelFormat.GRAY)
        assert (picture.pixels == (truth if color else truth[:240])).all()


def test_the_size_is_one_that_comes_without_margins(rpicam):
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    rpicam()
    camera = Csi(Which(), WISH._replace(width_pixels=350, height_pixels=241))
    camera.open()
    assert camera.read().pixels.shape == (240, 320, 1)
    camera.close()


def test_without_the_program_the_remedy_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match=r"^csi:: there is no rpicam-vid; apt install rpicam-apps-lite$"):
        Csi(Which(), WISH).open()


def test_what_the_program_complains_of_is_told(rpicam):
    rpicam()
    camera = Csi(Which(camera=1), WISH)
    camera.open()
    with pytest.raises(SourceError, match=r"^csi:1: rpicam-vid ended with code 1: ERROR: \*\*\* no cameras available"):
        camera.read()
    camera.close()


def test_a_program_ends_with_the_service_whatever_ends_it(rpicam, tmp_path):
    rpicam(then=f'open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid())); {SILENT}')
    script = (
        "from emotiond.capture.csi import Csi, Which; from emotiond.capture.source import Wish\n"
        "camera = Csi(Which(), Wish(320, 240, 10.0, 60.0)); camera.open(); camera.read()\n"
    )
    pid_file = Path(tmp_path / "pid")
    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL) as service:
        wait_until(lambda: pid_file.exists() and pid_file.read_text())
        pid = int(pid_file.read_text())
        assert not is_gone(pid)
        service.send_signal(signal.SIGKILL)
    wait_until(lambda: is_gone(pid))


def test_closing_ends_a_program_that_keeps_silent(rpicam, tmp_path):
    rpicam(then=f'open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid())); {SILENT}')
    camera = Csi(Which(), WISH)
    camera.open()
    pid_file = Path(tmp_path / "pid")
    wait_until(lambda: pid_file.exists() and pid_file.read_text())
    started = time.monotonic()
    camera.close()
    assert time.monotonic() - started < 5.0
    assert is_gone(int(pid_file.read_text()))
