"""A camera on the network: sends the pictures of a folder round and round as MJPEG; needs Python alone."""

from __future__ import annotations

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RATE_HZ = 8.0


class Camera(BaseHTTPRequestHandler):
    """Answers every GET with the endless stream."""

    def do_GET(self) -> None:
        pictures = [path.read_bytes() for path in sorted(Path(sys.argv[2]).glob("*.jpg"))]
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        while True:
            for picture in pictures:
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + picture + b"\r\n")
                except OSError:
                    return
                time.sleep(1.0 / RATE_HZ)

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Camera).serve_forever()
