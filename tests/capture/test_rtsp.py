"""A real RTSP camera that is killed, stopped, and comes back with another size: online again, and never a stale frame."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import Wish
from emotiond.capture.stream import Stream
from emotiond.records import CameraState

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).parent / "rtsp_server.py"
TIMEOUT_SECONDS = 4.0
PATIENCE_SECONDS = 120.0
#: A busy machine is late by seconds; what piles up is late by more, and more from frame to frame.
STALE_SECONDS = 20.0
CLOCK_SECONDS = 1.0
#: As the clock in the picture has them.
WRAP_SECONDS = 2**32 / 1000


@pytest.fixture
def serve(port):
    needs = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    try:
        missing = subprocess.run([SYSTEM_PYTHON, "-c", needs], capture_output=True, check=False).returncode
    except FileNotFoundError:
        missing = 1
    if missing:
        pytest.skip("no RTSP server: apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly")
    servers = []

    def start(width=320, height=240):
        command = [SYSTEM_PYTHON, str(SERVER), str(port), str(width), str(height), "10"]
        servers.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        assert servers[-1].stdout.readline() == b"ready\n"
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def reader(port):
    wish = Wish(320, 240, 10.0, TIMEOUT_SECONDS)
    source = Stream(f"rtsp://127.0.0.1:{port}/live", wish)
    patience = Patience(3 * TIMEOUT_SECONDS, TIMEOUT_SECONDS, 60.0)
    reader = Reader("door", source, Bell(), Retry(0.1, 0.2), patience=patience)
    reader.start()
    yield reader
    reader.stop(PATIENCE_SECONDS)


class Watch:
    """Takes every frame and reads its clock."""

    def __init__(self, reader):
        self.reader = reader
        self.drawn = []

    def until(self, done):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, self.reader.report()
            frame = self.reader.mailbox.take()
            if frame is None:
                time.sleep(0.01)
                continue
            drawn = drawn_seconds(frame)
            now = time.monotonic()
            # What the frame says of itself: not before it was drawn, but for what RTP's clock is off, and not after it came.
            assert drawn - CLOCK_SECONDS <= frame.time_seconds <= now
            assert now - drawn < STALE_SECONDS, "a stale frame"
            assert not self.drawn or drawn > self.drawn[-1], "an old frame"
            self.drawn.append(drawn)

    def sees(self, frames):
        count = len(self.drawn)
        self.until(lambda: len(self.drawn) >= count + frames)

    def becomes(self, state):
        self.until(lambda: self.reader.report().state is state)


def drawn_seconds(frame):
    """Read the milliseconds in the picture's 32 columns."""
    row, step = frame.luma[frame.height // 2], frame.width // 32
    stamp = 0
    for column in range(32):
        stamp = stamp << 1 | int(row[column * step + step // 2] > 128)
    now = time.monotonic()
    return now - (now - stamp / 1000) % WRAP_SECONDS


def test_a_camera_that_stops_dies_and_changes_comes_back_each_time(serve, reader):
    server = serve()
    watch = Watch(reader)
    watch.sees(10)
    assert reader.report().state is CameraState.ONLINE

    server.send_signal(signal.SIGSTOP)
    watch.becomes(CameraState.OFFLINE)
    # The read that timed out may end as one in the middle of a picture: the reason is one of several.
    assert reader.report().reason.startswith("rtsp://127.0.0.1:")
    server.send_signal(signal.SIGCONT)
    watch.sees(5)

    server.kill()
    watch.becomes(CameraState.OFFLINE)
    server.wait()
    serve(width=640, height=480)
    watch.sees(5)
    assert reader.report().state is CameraState.ONLINE
    assert reader.report().reopened >= 2
