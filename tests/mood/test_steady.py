"""A mood neither flickers nor lags for ever: another emotion takes over once it has led clearly for long enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.mood.steady import Steadiness, SteadyMood, mood_of
from emotiond.records import EMOTIONS, UNKNOWN

STEADINESS = Steadiness(time_constant_seconds=0.6, change_margin=0.12, change_dwell_seconds=0.4, unknown_below=0.35)
STEP_SECONDS = 0.1


def scores_of(emotion, share=0.9):
    scores = np.full(7, (1.0 - share) / 6.0, np.float32)
    scores[EMOTIONS.index(emotion)] = share
    return scores


def changes(steady, emotions, share=0.9):
    """Feed one reading each step; return (step, emotion that stands now) for each change."""
    found = []
    for step, emotion in enumerate(emotions, start=1):
        if steady.update(scores_of(emotion, share), step * STEP_SECONDS) is not None:
            found.append((step, steady.mood.emotion))
    return found


def test_the_most_probable_emotion_is_the_mood_and_too_little_is_unknown():
    assert mood_of(scores_of("sad"), 0.35).emotion == "sad"
    assert mood_of(scores_of("sad", 0.3), 0.35).emotion == UNKNOWN
    assert mood_of(scores_of("sad"), 0.35).confidence == pytest.approx(0.9)


def test_a_lasting_change_is_told_once_and_not_at_once():
    steady = SteadyMood(STEADINESS, scores_of("neutral"), 0.0)
    ((step, emotion),) = changes(steady, ["happy"] * 40)
    assert emotion == "happy"
    assert 0.4 <= step * STEP_SECONDS <= 2.0


def test_one_wrong_reading_changes_nothing():
    steady = SteadyMood(STEADINESS, scores_of("neutral"), 0.0)
    assert changes(steady, (["neutral"] * 7 + ["angry"]) * 6) == []
    assert steady.mood.emotion == "neutral"


def test_two_emotions_in_turn_do_not_flicker():
    steady = SteadyMood(STEADINESS, scores_of("neutral"), 0.0)
    assert len(changes(steady, ["happy", "neutral"] * 50)) <= 1


@given(st.lists(st.tuples(st.sampled_from(EMOTIONS), st.floats(0.2, 1.0)), max_size=40))
def test_a_mood_is_always_a_mood(readings):
    steady = SteadyMood(STEADINESS, scores_of("neutral"), 0.0)
    for step, (emotion, share) in enumerate(readings):
        before = steady.mood.emotion
        previous = steady.update(scores_of(emotion, share), step * STEP_SECONDS)
        assert previous in (None, before)
        assert (previous is not None) == (steady.mood.emotion != before)
        assert steady.mood.emotion in (*EMOTIONS, UNKNOWN)
        assert 0.0 <= steady.mood.confidence <= 1.0
        assert steady.mood.scores.sum() == pytest.approx(1.0, abs=1e-4)
