"""A frame's time is spent once: what detection took is not there for reading, and what was overdrawn is paid back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.vision.budget import FIRST_GUESS_SECONDS, LONGEST_DEBT_FRAMES, Budget, Cost

seconds = st.floats(0.0, 0.2)


def known(each: float) -> Cost:
    cost = Cost()
    for _ in range(400):
        cost.learn(10, 10 * each)
    return cost


def test_the_cost_is_learnt_and_one_long_pause_says_little():
    cost = known(0.001)
    assert cost.seconds == pytest.approx(0.001, rel=0.01)
    cost.learn(1, 5.0)
    assert cost.seconds < 0.00125
    cost.learn(0, 1.0)
    assert cost.seconds < 0.00125
    assert Cost().seconds == FIRST_GUESS_SECONDS


def test_what_detection_took_is_gone():
    budget = Budget(0.030, known(0.002))
    budget.begin(100.0)
    assert budget.affordable(100.0) in (14, 15)
    assert budget.affordable(100.021) == 4
    assert budget.affordable(100.5) == 1


def test_a_debt_is_paid_back_and_savings_are_not_kept():
    budget = Budget(0.030, known(0.002))
    budget.begin(0.0)
    budget.end(0.045)
    budget.begin(1.0)
    assert budget.affordable(1.0) == 7
    budget.end(1.0)
    budget.begin(2.0)
    assert budget.affordable(2.0) in (14, 15)


@given(st.lists(seconds, min_size=1, max_size=60), st.floats(0.002, 0.1), st.floats(1e-4, 0.02))
def test_no_face_more_is_read_than_the_time_holds_on_average(detections, frame_seconds, each):
    cost = known(each)
    budget = Budget(frame_seconds, cost)
    now = spent = allowed = 0.0
    for detection in detections:
        budget.begin(now)
        affordable = budget.affordable(now + detection)
        assert affordable >= 1
        reading = affordable * cost.seconds
        budget.end(now + detection + reading)
        if affordable > 1:
            # Whoever reads more than the one face that always may be read stays within the frame.
            assert detection + reading <= frame_seconds + 1e-9
        spent += reading
        allowed += max(frame_seconds, cost.seconds)
        now += 1.0
    assert spent <= allowed + 1e-6


@given(st.lists(seconds, max_size=30), st.floats(0.002, 0.1))
def test_a_debt_has_an_end(overdrafts, frame_seconds):
    budget = Budget(frame_seconds, known(0.0005))
    for index, took in enumerate(overdrafts):
        budget.begin(float(index))
        budget.end(index + took)
    for index in range(int(LONGEST_DEBT_FRAMES) + 1):
        budget.begin(1000.0 + index)
        budget.end(1000.0 + index)
    budget.begin(2000.0)
    assert budget.affordable(2000.0) >= int(0.9 * frame_seconds / 0.0005)


def test_without_a_limit_there_is_none():
    budget = Budget(None, Cost())
    assert not budget.limited
    with pytest.raises(ValueError, match="without a limit"):
        budget.affordable(0.0)
