"""A live camera is said to be what it is: degraded, paused, late or gone; and only the last two open it again."""

from __future__ import annotations

import time

import pytest

from emotiond.capture.hours import DAYS, Hours
from emotiond.capture.lens import Lens
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.records import CameraState, PixelFormat
from tests.capture.scripted import BLACK, DAMAGED, GONE, GOOD, LATE, SAME, Scripted

WAIT_SECONDS = 90.0
PATIENCE = Patience(silence_seconds=30.0, stale_seconds=5.0, frozen_seconds=60.0)


@pytest.fixture
def reading():
    readers = []

    def start(source, **more):
        readers.append(Reader("hall", source, Bell(), Retry(0.02, 0.1), patience=PATIENCE, **more))
        readers[-1].start()
        return readers[-1]

    yield start
    for reader in readers:
        reader.stop(WAIT_SECONDS)


def becomes(reader, state, reason=""):
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := reader.report()).state is not state or found.reason != reason:
        assert time.monotonic() < deadline, found
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (SAME, "the picture is frozen, and so is the stream's clock"),
        (BLACK, "the picture is black; is the lens covered?"),
        (DAMAGED, "many of its pictures are damaged"),
    ],
)
def test_a_camera_that_shows_no_room_is_degraded_and_is_not_opened_again(reading, step, reason):
    source = Scripted([GOOD, GOOD, step])
    reader = reading(source)
    becomes(reader, CameraState.DEGRADED, reason)
    source.steps[:] = [GOOD]
    becomes(reader, CameraState.ONLINE)
    assert (source.opened, reader.report().reopened) == (1, 0)
    assert (reader.report().damaged > 0) is (step == DAMAGED)


def test_what_is_damaged_is_never_handed_on(reading):
    source = Scripted([DAMAGED])
    reader = reading(source)
    becomes(reader, CameraState.DEGRADED, "many of its pictures are damaged")
    assert len(reader.mailbox) == 0
    assert reader.report().frames == 0


def test_late_pictures_are_left_out_and_only_late_ones_open_the_camera_again(reading):
    source = Scripted([GOOD] * 5 + [LATE] * 5 + [GOOD])
    reader = reading(source)
    deadline = time.monotonic() + WAIT_SECONDS
    while reader.report().frames < 20:
        frame = reader.mailbox.take()
        assert frame is None or time.monotonic() - frame.time_seconds < 10.0
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert source.opened == 1
    assert reader.report().dropped >= 5
    source.steps[:] = [LATE]
    becomes(reader, CameraState.OFFLINE, "scripted: its pictures come 10 s late")
    source.steps[:] = [GOOD]
    becomes(reader, CameraState.ONLINE)
    assert reader.report().reopened >= 1


def test_what_a_source_leaves_out_by_itself_counts_as_dropped(reading):
    source = Scripted([GOOD])
    source.left_out = 7
    reader = reading(source)
    becomes(reader, CameraState.ONLINE)
    assert reader.report().dropped >= 7


def test_a_paused_camera_is_given_back_until_it_is_wanted_again(reading):
    source = Scripted([GOOD])
    reader = reading(source)
    becomes(reader, CameraState.ONLINE)
    reader.pause(paused=True)
    becomes(reader, CameraState.PAUSED, "as it was asked to")
    deadline = time.monotonic() + WAIT_SECONDS
    while source.open_now:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    frames = reader.report().frames
    time.sleep(0.2)
    assert reader.report().frames == frames
    reader.pause(paused=False)
    becomes(reader, CameraState.ONLINE)


def test_a_camera_outside_its_hours_is_not_even_opened(reading):
    today = time.localtime().tm_wday
    source = Scripted([GOOD])
    reader = reading(source, hours=Hours.of([f"{DAYS[(today + 3) % 7]} 11:00-12:00"]))
    becomes(reader, CameraState.PAUSED, "outside its hours")
    assert source.opened == 0


def test_a_camera_that_goes_and_comes_is_counted(reading):
    source = Scripted([GOOD, GONE, GOOD, GONE, GOOD])
    reader = reading(source)
    deadline = time.monotonic() + WAIT_SECONDS
    while source.opened < 3 or reader.report().state is not CameraState.ONLINE:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert reader.report().reopened == 2


def test_every_frame_is_turned_and_masked_before_anybody_sees_it(reading):
    reader = reading(Scripted([GOOD]), lens=Lens(90, [[(0.0, 0.0), (1.0, 0.0), (1.0, 0.25), (0.0, 0.25)]]))
    becomes(reader, CameraState.ONLINE)
    frame = reader.mailbox.take()
    assert (frame.width, frame.height, frame.format) == (48, 64, PixelFormat.GRAY)
    assert (frame.luma[:16] == 0).all()
    assert (frame.luma[20:] > 0).all()


def test_what_nobody_foresaw_is_not_kept_by_the_thread(reading):
    class Broken(Scripted):
        """A source with a mistake in it."""

        def read(self):
            raise ZeroDivisionError("a mistake")

    reader = reading(Broken([GOOD]))
    reader.stop(WAIT_SECONDS)
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        reader.check()
