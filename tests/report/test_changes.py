"""A moment of change is found where a share rises and stays, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.records import EMOTIONS
from emotiond.report.changes import changes_of
from emotiond.report.second import Second

FLAT = 1.0 / len(EMOTIONS)


def second(number, happy):
    rest = (1.0 - happy) / 6.0
    return Second("a", number, 3.0, tuple(happy if emotion == "happy" else rest for emotion in EMOTIONS))


def found(levels):
    seconds = [second(number, happy) for number, happy in enumerate(levels)]
    return changes_of(seconds, np.arange(len(seconds), dtype=np.float64))


def test_a_rise_is_told_with_its_moment_and_its_size():
    (change,) = found([0.1] * 60 + [0.7] * 60)
    assert change.at.second == pytest.approx(60, abs=1)
    assert change.emotion == "happy"
    assert (change.before, change.after) == pytest.approx((0.1, 0.7), abs=0.01)


def test_noise_and_a_single_second_are_no_change():
    rng = np.random.default_rng(1)
    levels = (0.3 + rng.normal(0.0, 0.03, 300)).tolist()
    levels[100] = 0.9
    assert found(levels) == []


def test_two_rises_are_told_in_the_order_of_time():
    rises = found([0.1] * 50 + [0.5] * 50 + [0.1] * 50 + [0.9] * 50)
    happy = [change for change in rises if change.emotion == "happy"]
    assert [change.at.second for change in happy] == pytest.approx([50, 150], abs=1)


def test_who_was_away_has_not_changed():
    seconds = [second(n, 0.1) for n in range(50)] + [second(n, 0.9) for n in range(2000, 2050)]
    assert changes_of(seconds, np.array([s.second for s in seconds], np.float64)) == []


def test_an_empty_room_has_no_moment():
    assert changes_of([Second("a", 0, 0.0, None)], np.zeros(1)) == []
