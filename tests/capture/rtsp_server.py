"""A real RTSP camera on loopback: H.264 pictures that carry their own time. Run by the system's Python, which has gi.

    python3 rtsp_server.py PORT WIDTH HEIGHT RATE tcp|udp LOSS [CERTIFICATE KEY]

It speaks that transport and no other, with a certificate over TLS alone, and loses LOSS of a hundred of its packets, by
a fixed seed. The 32 columns of a picture are the bits, most significant first, of the milliseconds of the monotonic
clock at which it was drawn.
"""

from __future__ import annotations

import random
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions are chosen first


class Camera(GstRtspServer.RTSPMediaFactory):
    """One encoder for all who watch."""

    def __init__(self, width: int, height: int, rate: int, transport: str, loss: int) -> None:
        super().__init__()
        self.width, self.height, self.rate, self.loss = width, height, rate, loss
        self.dice = random.Random(loss)
        self.set_shared(True)
        self.set_protocols(getattr(GstRtsp.RTSPLowerTrans, transport.upper()))

    def do_create_element(self, _url: object) -> Gst.Element:
        """Build the pipeline and begin to draw."""
        form = f"video/x-raw,format=I420,width={self.width},height={self.height},framerate={self.rate}/1"
        pipeline = Gst.parse_launch(
            f"( appsrc name=source is-live=true do-timestamp=true format=time caps={form} max-buffers=1 leaky-type=2"
            f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={self.rate} bitrate=2000"
            " ! rtph264pay name=pay0 pt=96 config-interval=1 )"
        )
        out = pipeline.get_by_name("pay0").get_static_pad("src")
        out.add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST, self.lose)
        GLib.timeout_add(1000 // self.rate, self.draw, pipeline.get_by_name("source"))
        return pipeline

    def draw(self, source: Gst.Element) -> bool:
        """Push one picture; return whether to go on."""
        stamp = int(time.monotonic() * 1000) & 0xFFFFFFFF
        row = b"".join((b"\xc8" if stamp >> (31 - bit) & 1 else b"\x28") * (self.width // 32) for bit in range(32))
        picture = row * self.height + b"\x80" * (self.width * self.height // 2)
        return source.emit("push-buffer", Gst.Buffer.new_wrapped(picture)) == Gst.FlowReturn.OK

    def lose(self, _pad: Gst.Pad, _what: object) -> Gst.PadProbeReturn:
        """Let a packet pass, or not."""
        return Gst.PadProbeReturn.DROP if self.dice.randrange(100) < self.loss else Gst.PadProbeReturn.OK


def guard(server: GstRtspServer.RTSPServer, camera: Camera, certificate: str, key: str) -> None:
    """Let everybody in, over TLS."""
    rights = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        rights.add_permission_for_role("all", right, True)
    camera.set_permissions(rights)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "all")
    auth = GstRtspServer.RTSPAuth()
    auth.set_default_token(token)
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(certificate, key))
    server.set_auth(auth)


def main() -> None:
    """Serve until killed."""
    port, width, height, rate = map(int, sys.argv[1:5])
    transport, loss = sys.argv[5], int(sys.argv[6])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    camera = Camera(width, height, rate, transport, loss)
    server.get_mount_points().add_factory("/live", camera)
    if len(sys.argv) > 7:
        guard(server, camera, *sys.argv[7:])
    server.attach(None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


main()
