"""Frozen, black and damaged pictures are complained of; a still scene, a dark room and a single fault are not."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.capture.health import Health
from emotiond.records import Frame

FROZEN_SECONDS = 60.0


def frame(level=90, noise=0):
    rng = np.random.default_rng(noise)
    return Frame("camera", 0, 0.0, rng.integers(level, level + 30, (120, 160, 1), np.uint8), "source")


def watch(seconds, picture_at, *, stream=True, masked=None, rate=4):
    """Return what is complained of at each second."""
    health = Health(FROZEN_SECONDS)
    health.begin(0.0)
    complaints = []
    for step in range(seconds * rate):
        now = step / rate
        own = (now if stream is True else 5.0) if stream is not None else None
        health.picture(picture_at(now), masked, own, now)
        complaints.append(health.complaint(now))
    return complaints[rate - 1 :: rate]


@pytest.mark.parametrize("stream", [True, None])
def test_a_still_scene_is_no_complaint_for_a_minute(stream):
    still = frame()
    complaints = watch(70, lambda _now: still, stream=stream)
    assert set(complaints[:59]) == {""}
    assert complaints[-1] == "the picture has been the same for more than 60 s"


def test_a_picture_that_stands_still_with_the_streams_clock_is_frozen_at_once():
    still = frame()
    complaints = watch(6, lambda _now: still, stream=False)
    assert complaints[-1] == "the picture is frozen, and so is the stream's clock"


def test_a_clock_that_stands_still_alone_is_no_complaint():
    assert set(watch(6, lambda now: frame(noise=int(now * 4)), stream=False)) == {""}


def test_a_black_picture_is_said_after_a_while_and_no_longer_than_it_lasts():
    complaints = watch(12, lambda now: frame(level=0 if 3 <= now < 8 else 90, noise=int(now * 4)))
    assert complaints[3] == ""
    assert complaints[6] == "the picture is black; is the lens covered?"
    assert complaints[9] == ""


def test_what_is_masked_does_not_make_a_picture_black():
    half = frame()
    half.pixels[:, :130] = 0
    masked = np.zeros((120, 160), np.bool_)
    masked[:, :130] = True

    def living(now):
        half.pixels[0, -1] = int(now * 4) % 200
        return half

    assert set(watch(6, living, masked=masked)) == {""}
    masked[:] = True
    assert set(watch(6, living, masked=masked)) == {""}


def test_many_damaged_pictures_are_said_and_one_is_not():
    health = Health(FROZEN_SECONDS)
    health.begin(0.0)
    health.damaged(0.1)
    assert health.complaint(0.2) == ""
    for step in range(10):
        health.picture(frame(noise=step), None, None, 1.0 + step / 10)
    health.damaged(2.1)
    assert health.complaint(2.2) == ""
    for step in range(4):
        health.damaged(2.3 + step / 10)
    assert health.complaint(3.0) == "many of its pictures are damaged"
    assert health.complaint(30.0) == ""


def test_a_camera_that_was_opened_anew_begins_with_a_clean_sheet():
    health = Health(FROZEN_SECONDS)
    health.begin(0.0)
    for step in range(5):
        health.damaged(step / 10)
    assert health.complaint(1.0)
    health.begin(1.0)
    assert health.complaint(1.0) == ""
