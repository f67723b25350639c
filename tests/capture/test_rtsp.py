"""A real RTSP camera that is killed, stopped, and comes back with another size: online again in time, and never stale."""

from __future__ import annotations

import signal
import time

import pytest

from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import SourceError, Wish
from emotiond.capture.stream import Stream
from emotiond.records import CameraState
from tests.capture.rtsp import RATE, drawn_seconds
from tests.mqtt import certificates

TIMEOUT_SECONDS = 4.0
RETRY = Retry(1.0, 30.0)
#: The longest that chance makes a pause, as a share of it.
JITTER = 1.25
#: A machine that has much else to do is late, too.
SLACK = 3.0
CLOCK_SECONDS = 1.0
PATIENCE_SECONDS = 120.0


@pytest.fixture
def reading(port):
    readers = []

    def start(transport="tcp"):
        wish = Wish(320, 240, RATE, TIMEOUT_SECONDS, transport=transport)
        patience = Patience(3 * TIMEOUT_SECONDS, TIMEOUT_SECONDS, 60.0)
        readers.append(Reader("door", Stream(f"rtsp://127.0.0.1:{port}/live", wish), Bell(), RETRY, patience=patience))
        readers[-1].start()
        return readers[-1]

    yield start
    for reader in readers:
        reader.stop(PATIENCE_SECONDS)


class Watch:
    """Takes every frame and reads its clock."""

    def __init__(self, reader):
        self.reader = reader
        self.drawn = []
        self.ages = []
        #: How long each return took, and how long it may take without slack.
        self.back = []

    def until(self, done, seconds=PATIENCE_SECONDS):
        deadline = time.monotonic() + seconds
        # Taken as soon as they come, as the pipeline does, and only then asked.
        while (frame := self.reader.mailbox.take()) is not None or not done():
            assert time.monotonic() < deadline, self.reader.report()
            if frame is None:
                time.sleep(0.01)
                continue
            now, drawn = time.monotonic(), drawn_seconds(frame)
            assert now - drawn < SLACK * TIMEOUT_SECONDS, "a stale frame"
            assert not self.drawn or drawn > self.drawn[-1], "an old frame"
            # What the frame says of itself: not before it was drawn, but for what RTP's clock is off, and not after it came.
            assert drawn - CLOCK_SECONDS <= frame.time_seconds <= now
            self.drawn.append(drawn)
            self.ages.append(now - drawn)

    def sees(self, frames):
        count = len(self.drawn)
        self.until(lambda: len(self.drawn) >= count + frames)

    def loses(self, tries):
        """Wait until the camera, which is gone, is offline and has been tried in vain so many times."""
        self.gone_seconds = time.monotonic()
        self.until(lambda: self.reader.report().state is CameraState.OFFLINE)
        self.lost = self.reader.report().reopened
        self.until(lambda: self.reader.report().reopened >= self.lost + tries)

    def comes_back(self):
        """Wait for the camera, which is there again, for no longer than one try that fails and the pause after it."""
        pauses = RETRY.pauses()
        attempt = self.reader.report().reopened - self.lost
        longest = TIMEOUT_SECONDS + JITTER * pauses[min(attempt, len(pauses) - 1)]
        there, before = time.monotonic(), len(self.drawn)

        def online():
            return len(self.drawn) > before and self.reader.report().state is CameraState.ONLINE

        self.until(online, SLACK * longest)
        assert self.drawn[before] > self.gone_seconds, "a frame of before it went away"
        self.back.append((round(time.monotonic() - there, 1), round(longest, 1)))
        self.sees(5)


def test_a_camera_that_stops_dies_and_changes_comes_back_in_time(serve, reading, record_property):
    camera = serve()
    reader = reading()
    watch = Watch(reader)
    watch.sees(20)
    assert reader.report().state is CameraState.ONLINE
    # It waits for no key frame and in no queue.
    assert sorted(watch.ages)[10] < TIMEOUT_SECONDS

    camera.process.send_signal(signal.SIGSTOP)
    watch.loses(tries=1)
    # The read that timed out may end as one in the middle of a picture: the reason is one of several.
    assert reader.report().reason.startswith("rtsp://127.0.0.1:")
    camera.process.send_signal(signal.SIGCONT)
    watch.comes_back()

    camera.kill()
    watch.loses(tries=2)
    camera = serve()
    watch.comes_back()

    camera.kill()
    watch.loses(tries=0)
    serve(width=640, height=480)
    watch.comes_back()
    assert reader.report().reopened >= 4
    record_property("seconds_to_return_and_bound", watch.back)
    record_property("age_of_frames_seconds", [round(age, 3) for age in sorted(watch.ages)])


def test_a_camera_that_speaks_udp_alone_is_read_over_udp(serve, reading, port):
    camera = serve(transport="udp")
    over_tcp = Stream(f"rtsp://127.0.0.1:{port}/live", Wish(320, 240, RATE, TIMEOUT_SECONDS))
    with pytest.raises(SourceError, match="protocol not supported"):
        over_tcp.open()
    watch = Watch(reading(transport="udp"))
    watch.sees(20)
    # No connection breaks where there is none: the silence alone tells.
    camera.kill()
    watch.loses(tries=1)
    serve(transport="udp")
    watch.comes_back()


def test_a_camera_is_read_over_tls_whoever_signed_its_certificate(serve, port, tmp_path):
    files = certificates.signed(tmp_path, "camera", certificates.authority(tmp_path, "nobody"))
    serve(tls=(files["certificate"], files["key"]))
    stream = Stream(f"rtsps://127.0.0.1:{port}/live", Wish(320, 240, RATE, TIMEOUT_SECONDS))
    stream.open()
    assert stream.read().pixels.shape == (240, 320, 1)
    stream.close()


def test_pictures_that_lost_packets_have_harmed_are_left_out_and_counted(serve, reading):
    serve(transport="udp", loss=5)
    reader = reading(transport="udp")
    # A picture drawn on top of a lost one would show an older clock: the watch would see it.
    Watch(reader).sees(60)
    assert reader.report().damaged > 0
