"""A real RTSP camera on loopback: H.264 pictures that carry their own time. Run by the system's Python, which has gi.

    python3 rtsp_server.py PORT WIDTH HEIGHT RATE

The 32 columns of a picture are the bits, most significant first, of the milliseconds of the monotonic clock at which
it was drawn.
"""

from __future__ import annotations

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - versions are chosen first


class Camera(GstRtspServer.RTSPMediaFactory):
    """One encoder for all who watch."""

    def __init__(self, width: int, height: int, rate: int) -> None:
        super().__init__()
        self.width, self.height, self.rate = width, height, rate
        self.set_shared(True)

    def do_create_element(self, _url: object) -> Gst.Element:
        """Build the pipeline and begin to draw."""
        form = f"video/x-raw,format=I420,width={self.width},height={self.height},framerate={self.rate}/1"
        pipeline = Gst.parse_launch(
            f"( appsrc name=source is-live=true do-timestamp=true format=time caps={form} max-buffers=1 leaky-type=2"
            f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={self.rate} bitrate=2000"
            " ! rtph264pay name=pay0 pt=96 config-interval=1 )"
        )
        GLib.timeout_add(1000 // self.rate, self.draw, pipeline.get_by_name("source"))
        return pipeline

    def draw(self, source: Gst.Element) -> bool:
        """Push one picture; return whether to go on."""
        stamp = int(time.monotonic() * 1000) & 0xFFFFFFFF
        row = b"".join((b"\xc8" if stamp >> (31 - bit) & 1 else b"\x28") * (self.width // 32) for bit in range(32))
        picture = row * self.height + b"\x80" * (self.width * self.height // 2)
        return source.emit("push-buffer", Gst.Buffer.new_wrapped(picture)) == Gst.FlowReturn.OK


def main() -> None:
    """Serve until killed."""
    port, width, height, rate = map(int, sys.argv[1:])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    server.get_mount_points().add_factory("/live", Camera(width, height, rate))
    server.attach(None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


main()
