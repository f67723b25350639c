"""A real RTSP server as a child, and the clock in its pictures."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).parent / "rtsp_server.py"
RATE = 10
#: As the clock in the picture has them.
WRAP_SECONDS = 2**32 / 1000


def missing() -> str:
    """Say what must be installed first; empty where a server can be started."""
    needs = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    try:
        good = subprocess.run([SYSTEM_PYTHON, "-c", needs], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        good = False
    return "" if good else "no RTSP server: apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly"


class Camera:
    """Serves rtsp://127.0.0.1:PORT/live until it is killed."""

    def __init__(self, port, width=320, height=240, transport="tcp", loss=0, tls=()):
        words = (port, width, height, RATE, transport, loss, *tls)
        command = [SYSTEM_PYTHON, str(SERVER), *map(str, words)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def drawn_seconds(frame):
    """Read when a picture was drawn, by the monotonic clock, from its 32 columns."""
    row, step = frame.luma[frame.height // 2], frame.width // 32
    stamp = 0
    for column in range(32):
        stamp = stamp << 1 | int(row[column * step + step // 2] > 128)
    now = time.monotonic()
    return now - (now - stamp / 1000) % WRAP_SECONDS
