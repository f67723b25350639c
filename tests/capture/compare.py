"""Three ways to read a network camera in a child, beside each other: `python -m tests.capture.compare`.

Prints latency, CPU time, memory, and when each notices a server that has stopped; docs/cameras.md has what came out.
Needs what `tests/capture/rtsp_server.py` needs, and ffmpeg.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from emotiond.demo.broker import free_port

WIDTH, HEIGHT, RATE = 640, 480, 15
PICTURES, LEFT_OUT = 150, 30
PYAV = """
import av, sys
import numpy as np
box = av.open(sys.argv[1], options={"rtsp_transport": "tcp", "fflags": "nobuffer", "flags": "low_delay"}, timeout=3.0)
box.streams.video[0].codec_context.thread_count = 1
for frame in box.decode(video=0):
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:, : frame.width]
    sys.stdout.buffer.write(np.ascontiguousarray(luma))
    sys.stdout.buffer.flush()
"""
OPENCV = """
import os, sys
os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay|threads;1"
import cv2
limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 3000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 3000]
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG, limits)
while (found := capture.read())[0]:
    sys.stdout.buffer.write(found[1])
    sys.stdout.buffer.flush()
"""


def ways(url: str) -> dict[str, tuple[list[str], int]]:
    """The command of each way, and how many bytes its pixels have."""
    before = "-loglevel error -rtsp_transport tcp -fflags nobuffer -flags low_delay -timeout 3000000 -threads 1 -i"
    after = "-f rawvideo -fps_mode passthrough -pix_fmt gray -"
    return {
        "PyAV": ([sys.executable, "-c", PYAV, url], 1),
        "OpenCV": ([sys.executable, "-c", OPENCV, url], 3),
        "ffmpeg": (["ffmpeg", *before.split(), url, *after.split()], 1),
    }


def measure(name: str) -> str:
    port = free_port()
    script = str(Path(__file__).parent / "rtsp_server.py")
    command = ["/usr/bin/python3", script, *map(str, (port, WIDTH, HEIGHT, RATE))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        arguments, channels = ways(f"rtsp://127.0.0.1:{port}/live")[name]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            try:
                return f"{name}: {watch(child, server, channels)}"
            finally:
                child.kill()
                server.kill()


def watch(child: subprocess.Popen[bytes], server: subprocess.Popen[bytes], channels: int) -> str:
    size = WIDTH * HEIGHT * channels
    ages = [age(picture, channels) for picture in iter_pictures(lambda: child.stdout.read(size), size, PICTURES)]
    ages = sorted(ages[LEFT_OUT:])
    fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    cpu_seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    status = Path(f"/proc/{child.pid}/status").read_text().split("VmRSS:")[1].split()[0]
    server.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    late = len(iter_pictures(lambda: child.stdout.read(size), size, 1000))
    return (
        f"latency {ages[len(ages) // 2]} ms, 95 % {ages[len(ages) * 95 // 100]} ms; "
        f"CPU {cpu_seconds * 1000 / PICTURES:.1f} ms per picture; {int(status) // 1024} MB; "
        f"noticed a stopped server after {time.monotonic() - stopped:.1f} s and {late} more pictures"
    )


def iter_pictures(read: Callable[[], bytes], size: int, most: int) -> list[bytes]:
    pictures: list[bytes] = []
    while len(pictures) < most and len(picture := read()) == size:
        # What is compared is when it came, so its age is fixed here.
        pictures.append(picture[: WIDTH * 3] + int(time.monotonic() * 1000).to_bytes(8, "big"))
    return pictures


def age(picture: bytes, channels: int) -> int:
    """Milliseconds from the drawing of a picture, which its 32 columns tell, to its coming."""
    came = int.from_bytes(picture[-8:], "big")
    step = WIDTH // 32
    bits = (picture[(column * step + step // 2) * channels] > 120 for column in range(32))
    drawn = sum(bit << (31 - column) for column, bit in enumerate(bits))
    return (came - drawn) & 0xFFFFFFFF


if __name__ == "__main__":
    for way in ways(""):
        sys.stdout.write(measure(way) + "\n")
        sys.stdout.flush()
