"""In an empty room only some pictures are decoded; time goes on in all of them, and nothing that is wrong goes unseen."""

from __future__ import annotations

import time
from itertools import pairwise

from emotiond.capture.lens import Lens
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import Picture
from emotiond.records import CameraState
from tests.capture.scripted import BLACK, DAMAGED, GOOD, SAME, Scripted

WAIT_SECONDS = 20.0


class Skippable(Scripted):
    """Counts what is decoded and what is not."""

    decoded = skipped = 0

    def read(self):
        self.decoded += 1
        return super().read()

    def skip(self):
        time.sleep(1.0 / self.rate_hz)
        self.skipped += 1
        return Picture.undecoded(0.0, "scripted", time.monotonic())


def reading(source, *, quiet=False, **keys):
    reader = Reader("hall", source, Bell(), Retry(0.02, 0.1), **keys)
    reader.doze.quiet = quiet
    reader.start()
    return reader


def frames_until(reader, ready):
    deadline = time.monotonic() + WAIT_SECONDS
    frames = []
    while not ready(frames):
        assert time.monotonic() < deadline, "waited in vain"
        frames.extend(iter(reader.mailbox.take, None))
        time.sleep(0.001)
    return frames


def test_while_it_is_quiet_most_pictures_stay_undecoded_and_their_frames_are_blank():
    source = Skippable([GOOD])
    reader = reading(source, lens=Lens(90))
    awake = frames_until(reader, lambda frames: len(frames) >= 5)
    assert source.skipped == 0
    assert not any(frame.blank for frame in awake)
    reader.doze.quiet = True
    dozing = frames_until(reader, lambda frames: sum(not frame.blank for frame in frames) >= 4)[1:]
    assert any(frame.blank for frame in dozing)
    assert {(frame.width, frame.height, frame.format) for frame in dozing} == {(48, 64, awake[0].format)}
    assert all(a.time_seconds <= b.time_seconds for a, b in pairwise(dozing))
    reader.doze.quiet = False
    frames_until(reader, lambda frames: len(frames) >= 3)
    before = source.skipped
    frames_until(reader, lambda frames: len(frames) >= 5)
    assert source.skipped == before
    reader.stop(WAIT_SECONDS)
    assert reader.report().frames == source.decoded + source.skipped


def test_a_blank_frame_does_not_push_out_one_that_shows_something():
    source = Skippable([GOOD])
    reader = reading(source)
    frames_until(reader, lambda frames: len(frames) >= 2)
    reader.doze.quiet = True
    deadline = time.monotonic() + WAIT_SECONDS
    while source.skipped < 10:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
    waiting = reader.mailbox.take()
    assert waiting is not None
    assert not waiting.blank
    reader.stop(WAIT_SECONDS)


def test_a_source_that_cannot_skip_is_read_as_ever():
    reader = reading(Scripted([GOOD]))
    reader.doze.quiet = True
    frames = frames_until(reader, lambda frames: len(frames) >= 10)
    assert not any(frame.blank for frame in frames)
    reader.stop(WAIT_SECONDS)


def test_frozen_black_and_damaged_pictures_are_noticed_as_ever():
    for step, reason in ((SAME, "the same for more than"), (BLACK, "black"), (DAMAGED, "damaged")):
        source = Skippable([GOOD] * 3 + [step])
        reader = reading(source, quiet=True, patience=Patience(frozen_seconds=1.0))
        frames_until(reader, lambda _, reader=reader: reader.report().state is CameraState.DEGRADED)
        assert reason in reader.report().reason
        assert source.skipped > 0
        reader.stop(WAIT_SECONDS)
