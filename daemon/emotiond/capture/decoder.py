"""The child that reads a network camera: connects, decodes, and writes pictures into its standard output.

Whatever hangs or crashes here, hangs or crashes here alone. Nothing of the daemon is loaded but the words of the wire.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO, Final

import av
import av.error
import msgspec
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotiond.capture.jpeg import JpegError, decoded
from emotiond.capture.leash import tie
from emotiond.capture.newest import newest
from emotiond.capture.timing import Timing
from emotiond.capture.wire import Kind, Note, Order, packed

#: From limited to full range, as cameras of video send their luma: 16 is black, 235 is white.
_STRETCH: Final = bytes(min(255, max(0, round((level - 16) * 255 / 219))) for level in range(256))
#: Luma that may be used as it stands.
_PLANAR: Final = ("yuv", "gray", "nv12", "nv21")
#: A decoder this far behind leaves out all that is not a whole picture, until it has caught up.
LATE_SECONDS: Final = 1.0
CAUGHT_UP_SECONDS: Final = 0.3
KEY_FRAMES: Final = "NONKEY"
#: After a damaged picture those that are drawn on top of it are left out, up to the next whole one, or for so long where
#: a camera sends none: some renew their picture stripe by stripe.
HARM_SECONDS: Final = 10.0
#: Damage in a row that a stream may have between two packets; more is another kind of stream.
MOST_DAMAGE: Final = 200


class Decoder:
    """Reads one camera to its end; every failure becomes a note."""

    def __init__(self, order: Order, out: BinaryIO) -> None:
        self._order = order
        self._out = out
        self._timing = Timing()
        self._open = False
        #: Until when a picture that is drawn on top of others is a damaged one.
        self._harmed_seconds = float("-inf")
        #: Pictures that were left out for newer ones, and not yet told of.
        self._left_out = 0

    def run(self) -> None:
        """Connect, and write until the camera is gone."""
        limit_seconds = time.monotonic() + self._order.timeout_seconds
        try:
            with av.open(self._input(), format=self._format(), options=self._options(), timeout=self._limits()) as box:
                if not box.streams.video:
                    self._say(Note(Kind.FAILED, "sends no picture"))
                    return
                stream = box.streams.video[0]
                stream.codec_context.thread_count = 1
                self._say(Note(Kind.OPENED))
                self._open = True
                if stream.codec_context.name == "mjpeg":
                    self._pictures_of_jpeg(newest(_packets(box, stream)))
                else:
                    for packet in _packets(box, stream):
                        self._decode(packet, stream)
            self._say(Note(Kind.ENDED))
        except av.error.InvalidDataError as error:
            # So says a server that accepts and keeps silent, too.
            silent = not self._open and time.monotonic() >= limit_seconds
            words = self._silence() if silent else in_words(error)
            self._say(Note(Kind.FAILED, words))
        except (av.error.ExitError, av.error.TimeoutError):
            self._say(Note(Kind.FAILED, self._silence()))
        except av.error.FFmpegError as error:
            self._say(Note(Kind.FAILED, in_words(error)))

    def _silence(self) -> str:
        return f"no data within {self._order.timeout_seconds:g} s"

    def _input(self) -> str:
        return "pipe:0" if self._order.address == "-" else self._order.address

    def _format(self) -> str | None:
        return "mjpeg" if self._order.address == "-" else None

    def _limits(self) -> float | None:
        return None if self._order.address == "-" else self._order.timeout_seconds

    def _options(self) -> dict[str, str]:
        if self._order.address == "-":
            return {}
        # What was read to find out about the stream is old by then.
        options = {"fflags": "nobuffer+discardcorrupt", "flags": "low_delay", "analyzeduration": "1000000"}
        if self._order.address.startswith("rtsp"):
            options["rtsp_transport"] = self._order.transport
        return options

    def _pictures_of_jpeg(self, packets: Iterator[tuple[bytes, float, int]]) -> None:
        # Each is a picture of its own: only the newest is decoded, and by a decoder that tells what is damaged.
        for code, arrival, left_out in packets:
            self._left_out += left_out
            try:
                pixels = decoded(code, color=self._order.color)
            except JpegError as error:
                self._say(Note(Kind.FLAW, str(error)))
                continue
            self._show(pixels, arrival, None)

    def _decode(self, packet: av.Packet[VideoStream], stream: VideoStream) -> None:
        arrival = time.monotonic()
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            self._damaged()
            return
        if not frames and stream.codec_context.skip_frame == KEY_FRAMES:
            self._left_out += 1
        for frame in frames:
            if not isinstance(frame, VideoFrame):
                continue
            own = frame.time
            taken = self._timing.taken(own, arrival)
            self._keep_up(stream.codec_context, time.monotonic() - taken)
            if frame.is_corrupt:
                self._damaged()
            elif arrival < self._harmed_seconds and not frame.key_frame:
                self._say(Note(Kind.FLAW, "drawn on top of a damaged one"))
            else:
                self._harmed_seconds = float("-inf")
                self._show(_pixels(frame, color=self._order.color), taken, own)

    def _damaged(self) -> None:
        self._harmed_seconds = time.monotonic() + HARM_SECONDS
        self._say(Note(Kind.FLAW, "damaged on its way"))

    def _keep_up(self, codec: VideoCodecContext, late_seconds: float) -> None:
        if late_seconds > LATE_SECONDS:
            codec.skip_frame = KEY_FRAMES
        elif late_seconds < CAUGHT_UP_SECONDS and codec.skip_frame != "DEFAULT":
            codec.skip_frame = "DEFAULT"

    def _show(self, pixels: NDArray[np.uint8], taken_seconds: float, stream_seconds: float | None) -> None:
        height, width, channels = pixels.shape
        self._say(Note(Kind.PICTURE, "", height, width, channels, taken_seconds, stream_seconds), pixels)

    def _say(self, note: Note, pixels: NDArray[np.uint8] | None = None) -> None:
        self._out.write(packed(msgspec.structs.replace(note, left_out=self._left_out)))
        self._left_out = 0
        if pixels is not None:
            self._out.write(pixels.data)
        self._out.flush()


def _packets(box: av.container.InputContainer, stream: VideoStream) -> Iterator[av.Packet[VideoStream]]:
    """Yield packets that hold something; damage between two of them is passed over, but not for ever."""
    damage = 0
    over = False
    while not over:
        try:
            for packet in box.demux(stream):
                if packet.size:
                    damage = 0
                    yield packet
        except av.error.InvalidDataError:
            damage += 1
            if damage > MOST_DAMAGE:
                raise
        else:
            over = True


def _pixels(frame: VideoFrame, *, color: bool) -> NDArray[np.uint8]:
    """Return BGR, or the luma alone in full range; u8 (height, width, channels), C-contiguous."""
    if color:
        return np.ascontiguousarray(frame.to_ndarray(format="bgr24"), np.uint8)
    known = frame.format.name.startswith(_PLANAR) and frame.format.components[0].bits == 8
    if not known or frame.format.name.startswith("yuyv"):
        gray = frame.to_ndarray(format="gray")
        return np.ascontiguousarray(gray[:, :, None], np.uint8)
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    full = frame.format.name.startswith(("yuvj", "gray")) or frame.color_range == 2
    level = luma.tobytes() if full else luma.tobytes().translate(_STRETCH)
    return np.frombuffer(level, np.uint8).reshape(frame.height, frame.width, 1)


def in_words(error: av.error.FFmpegError) -> str:
    """Say what failed; never the address, which may hold a password."""
    for kinds, words in (
        ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError), "refuses the login; check user and password"),
        ((av.error.HTTPNotFoundError,), "knows no such path"),
        ((av.error.ConnectionRefusedError,), "refuses the connection; is it switched on, is the port right?"),
        ((av.error.EOFError,), "stopped giving frames"),
        ((av.error.InvalidDataError,), "sends nothing that is a video"),
    ):
        if isinstance(error, kinds):
            return words
    if error.errno == errno.EIO:
        return "stopped giving frames"
    return (error.strerror or type(error).__name__).lower()


def main() -> None:
    """Do what the order behind the file descriptor in the last argument asks for."""
    tie()
    with os.fdopen(int(sys.argv[-1]), "rb") as file:
        order = msgspec.msgpack.decode(file.read(), type=Order)
    # Whatever a library prints must not come between the pictures.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    av.logging.set_level(None)
    try:
        out.write(packed(Note(Kind.STARTED)))
        out.flush()
        Decoder(order, out).run()
    except BrokenPipeError:
        # Nobody listens any more.
        os._exit(0)


if __name__ == "__main__":
    main()
