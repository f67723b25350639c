"""A stream gives its frames; one that is silent, stalls or ends is noticed in time and said in words."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from emotiond.capture.camera import Stream, Wish
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader, Retry
from emotiond.capture.source import SourceError
from emotiond.records import CameraState

TIMEOUT_SECONDS = 1.0
WISH = Wish(640, 480, 30.0, TIMEOUT_SECONDS)
#: OpenCV looks at its clock now and then only; its own default would be thirty seconds.
PATIENCE_SECONDS = 15.0


class Webcam(ThreadingHTTPServer):
    """A camera that speaks Motion JPEG: some pictures, then `stall_seconds` of silence, then the end."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, pictures, stall_seconds=0.0):
        self.pictures = pictures
        self.over = threading.Event()
        self.stall_seconds = stall_seconds
        super().__init__(("127.0.0.1", 0), _Pictures)
        self.address = f"http://viewer:secret@127.0.0.1:{self.server_port}/live.mjpg"


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            for number in range(self.server.pictures):
                jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 40 + number, np.uint8))[1].tobytes()
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
                self.wfile.write(jpeg + b"\r\n")
            self.server.over.wait(self.server.stall_seconds)

    def log_message(self, *_words):
        """Say nothing."""


@pytest.fixture
def webcam():
    with contextlib.ExitStack() as stack:

        def start(pictures, stall_seconds=0.0):
            server = stack.enter_context(Webcam(pictures, stall_seconds))
            stack.callback(server.over.set)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return server

        yield start


def read_until_it_fails(stream):
    pictures = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            pictures.append(stream.read())
        except SourceError as error:
            stream.close()
            return pictures, str(error)
    raise AssertionError(f"still reading after {len(pictures)} pictures")


def test_a_stream_gives_its_frames_and_says_when_it_ends(webcam):
    server = webcam(pictures=20)
    stream = Stream(server.address, WISH)
    stream.open()
    pictures, reason = read_until_it_fails(stream)
    name = f"http://127.0.0.1:{server.server_port}/live.mjpg"
    assert len(pictures) == 20
    assert {picture.pixels.shape for picture in pictures} == {(48, 64, 3)}
    assert {picture.name for picture in pictures} == {name}
    assert reason == f"{name}: stopped giving frames"


def test_a_stream_that_stalls_is_given_up_in_time(webcam):
    stream = Stream(webcam(pictures=20, stall_seconds=PATIENCE_SECONDS * 2).address, WISH)
    stream.open()
    pictures, reason = read_until_it_fails(stream)
    assert 0 < len(pictures) <= 20
    assert reason.endswith(("live.mjpg: no frame within 1 s", "live.mjpg: stopped giving frames"))


def test_a_stream_can_be_opened_again(webcam):
    stream = Stream(webcam(pictures=20).address, WISH)
    for _ in range(2):
        stream.open()
        assert stream.read().pixels.shape == (48, 64, 3)
        stream.close()


def test_a_reader_opens_a_stream_that_ended_again_and_again(webcam):
    stream = Stream(webcam(pictures=10).address, WISH)
    reader = Reader("door", stream, Bell(), Retry(0.05, 0.1))
    reader.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    states = set()
    while reader.report().frames < 35:
        states.add(reader.report().state)
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
    reader.stop(PATIENCE_SECONDS)
    assert CameraState.OFFLINE in states
    assert reader.report().dropped >= 30


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_that_accepts_and_says_nothing_is_given_up_in_time(scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stream = Stream(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/live", WISH)
        started = time.monotonic()
        with pytest.raises(SourceError, match="cannot be opened; does the address answer"):
            stream.open()
        assert time.monotonic() - started < PATIENCE_SECONDS
