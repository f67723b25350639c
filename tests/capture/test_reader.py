"""The reader hands on every frame of a finite source, opens a lost camera again with backoff, and says how it goes."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from emotiond.capture.mailbox import Bell
from emotiond.capture.pictures import Pictures
from emotiond.capture.reader import Reader, Retry
from emotiond.capture.source import Wish
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.capture.v4l2 import V4l2
from emotiond.capture.video import Video
from emotiond.records import CameraState

WAIT_SECONDS = 90.0
SOON = Retry(0.02, 0.1)


def reading(source, *, realtime=False, retry=SOON):
    reader = Reader("hall", source, Bell(), retry, realtime=realtime)
    reader.start()
    return reader


def wait_until(ready):
    deadline = time.monotonic() + WAIT_SECONDS
    while not ready():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def take_all(reader):
    frames = []
    while not ended(reader):
        wait_until(lambda: len(reader.mailbox) > 0 or ended(reader))
        frames.extend(iter(reader.mailbox.take, None))
    return frames


def ended(reader):
    return reader.report().state is CameraState.ENDED


def test_a_video_is_read_to_its_end_without_a_loss(make_video):
    reader = reading(Video(make_video(25)))
    frames = take_all(reader)
    assert [frame.index for frame in frames] == list(range(25))
    assert [frame.time_seconds for frame in frames] == pytest.approx([index / 10 for index in range(25)])
    report = reader.report()
    assert (report.camera, report.frames, report.dropped, report.reason) == ("hall", 25, 0, "")
    assert not reader.failed
    reader.stop(WAIT_SECONDS)


def test_a_file_has_not_ended_before_its_last_frame_is_taken(make_video):
    reader = reading(Video(make_video(2)))
    wait_until(lambda: len(reader.mailbox) == 2)
    reader.stop(WAIT_SECONDS)
    assert reader.report().state is CameraState.ONLINE
    take_all(reader)
    assert reader.report().state is CameraState.ENDED


def test_a_file_plays_at_its_own_rate_where_asked():
    started = time.monotonic()
    reader = reading(Synthetic(Parameters(faces=0, width=16, height=16, rate=20.0, frames=9)), realtime=True)
    assert len(take_all(reader)) == 9
    assert time.monotonic() - started >= 0.4


def test_bad_pictures_are_counted_and_make_the_source_fail(tmp_path, caplog):
    for name in ("a.png", "d.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((4, 4, 3), np.uint8))
    for name in ("b.png", "c.jpg"):
        (tmp_path / name).write_bytes(b"nothing")
    with caplog.at_level(logging.WARNING):
        reader = reading(Pictures(tmp_path))
        frames = take_all(reader)
    assert [frame.source[-5:] for frame in frames] == ["a.png", "d.png"]
    assert all(frame.still for frame in frames)
    assert reader.failed
    assert reader.report().reason == "2 pictures could not be read"
    assert [name for name in ("b.png", "c.jpg") if name not in caplog.text] == []


def test_a_file_that_is_missing_ends_with_a_reason(tmp_path):
    reader = reading(Video(tmp_path / "none.mp4"))
    wait_until(lambda: ended(reader))
    assert reader.failed
    assert reader.report().reason.endswith("none.mp4: cannot be read: No such file or directory")


def test_a_camera_that_is_not_there_is_tried_again_and_said_each_time(caplog):
    class Counted(V4l2):
        """A real camera source that counts how often it is opened."""

        opened = 0

        def open(self):
            self.opened += 1
            super().open()

    camera = Counted(Path("/dev/video9876"), Wish(640, 480, 30.0, 0.5))
    with caplog.at_level(logging.INFO):
        reader = reading(camera)
        wait_until(lambda: camera.opened >= 4)
        assert reader.report().state is CameraState.OFFLINE
        assert reader.report().reason == "/dev/video9876: no such camera; is it plugged in?"
        assert not reader.failed
        reader.stop(WAIT_SECONDS)
    # The log itself leaves out what it has been told: see tests of system/repeats.
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_a_live_source_keeps_the_newest_frame_and_counts_the_others():
    reader = reading(Synthetic(Parameters(faces=0, width=16, height=16, rate=1000.0)), realtime=True)
    wait_until(lambda: reader.report().dropped >= 5)
    reader.stop(WAIT_SECONDS)
    report = reader.report()
    (newest,) = take_all(reader)
    assert newest.index == report.dropped
    assert report.frames >= report.dropped + 1


def test_pauses_double_up_to_the_longest():
    assert Retry(1.0, 30.0).pauses() == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert Retry(5.0, 5.0).pauses() == [5.0]
