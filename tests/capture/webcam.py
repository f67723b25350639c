"""A camera that speaks Motion JPEG over HTTP, and that does by a script what cameras do in their worst hours."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

#: What a step of the script does to one picture. `cut` and `stall` end the connection, the others do not.
FAULTS = ("cut", "stall", "corrupt", "truncate", "repeat", "garbage")
_PICTURE = np.random.default_rng(5).integers(0, 256, (6, 8, 3), np.uint8)


def jpeg(number: int) -> bytes:
    """A picture with its number in its brightness; large enough that damage in its middle is damage to its pixels."""
    picture = cv2.resize(_PICTURE, (160, 120), interpolation=cv2.INTER_CUBIC) // 2 + number % 100
    return cv2.imencode(".jpg", picture)[1].tobytes()


class Webcam(ThreadingHTTPServer):
    """Plays the script from where it stands, in whichever connection; past its end, good pictures for ever."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, script=(), *, pause_seconds=0.02, stall_seconds=60.0, most=None):
        self.script = list(script)
        self.pause_seconds = pause_seconds
        self.stall_seconds = stall_seconds
        #: Pictures after which it hangs up for good; None never does.
        self.most = most
        self.sent = 0
        self.connections = 0
        self.over = threading.Event()
        self.played = threading.Event()
        super().__init__(("127.0.0.1", 0), _Pictures)
        self.name = f"http://127.0.0.1:{self.server_port}/live.mjpg"
        self.address = f"http://viewer:secret@127.0.0.1:{self.server_port}/live.mjpg"

    def steps(self) -> Iterator[str]:
        while not self.over.is_set() and (self.most is None or self.sent < self.most):
            if self.script:
                yield self.script.pop(0)
            else:
                self.played.set()
                yield "good"

    def handle_error(self, *_what):
        """A client that is killed is what this is about."""


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.connections += 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        with contextlib.suppress(OSError):
            for step in self.server.steps():
                if not self.play(step):
                    return
                self.server.over.wait(self.server.pause_seconds)

    def play(self, step: str) -> bool:
        """Send one picture, good or bad; return whether the connection goes on."""
        number = self.server.sent
        self.server.sent += step != "repeat"
        code = bytearray(jpeg(number))
        middle = len(code) // 2
        if step == "cut":
            self.send(code[:middle], len(code))
        elif step == "stall":
            self.server.over.wait(self.server.stall_seconds)
        elif step == "corrupt":
            del code[middle : middle + 200]
            self.send(code)
        elif step == "truncate":
            self.send(code[:middle])
        elif step == "garbage":
            self.send(b"<html>404</html>")
        else:
            self.send(code)
        return step not in ("cut", "stall")

    def send(self, code: bytes, length: int | None = None) -> None:
        length = len(code) if length is None else length
        self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % length)
        self.wfile.write(bytes(code) + b"\r\n")

    def log_message(self, *_words):
        """Say nothing."""


@contextlib.contextmanager
def running(server: Webcam) -> Iterator[Webcam]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
