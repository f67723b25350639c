"""A picture that waited on its way says when it was taken, not when it came."""

from __future__ import annotations

import pytest

from emotiond.capture.timing import Timing


def test_without_a_stream_time_a_picture_was_taken_when_it_came():
    assert Timing().taken(None, 12.5) == 12.5


def test_pictures_that_waited_were_taken_earlier_than_they_came():
    timing = Timing()
    assert [timing.taken(step / 10, 100.0 + step / 10) for step in range(5)] == pytest.approx(
        [100.0, 100.1, 100.2, 100.3, 100.4]
    )
    # The network holds the next ones back for three seconds, and brings them all at once.
    assert [timing.taken(step / 10, 103.5) for step in range(5, 9)] == pytest.approx(
        [100.5, 100.6, 100.7, 100.8], abs=0.01
    )


def test_a_clock_that_begins_anew_is_believed_anew():
    timing = Timing()
    assert timing.taken(500.0, 100.0) == 100.0
    assert timing.taken(0.0, 101.0) == 101.0
    assert timing.taken(3000.0, 102.0) == 102.0


def test_a_clock_that_runs_slow_is_followed():
    timing = Timing()
    late = 0.0
    for step in range(1000):
        arrival = 100.0 + step
        late = arrival - timing.taken(step * 0.9995, arrival)
    assert late == pytest.approx(0.0, abs=0.01)


def test_nothing_is_taken_after_it_came():
    timing = Timing()
    for stream, arrival in ((0.0, 10.0), (0.2, 10.1), (0.2, 10.4), (4.0, 10.5)):
        assert timing.taken(stream, arrival) <= arrival
