"""The room is the average of its faces, over a window, and its dominant emotion does not flicker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.mood.moments import Arousal, Moments
from emotiond.mood.room import Room, RoomManners, room_mood
from emotiond.records import EMOTIONS, Box, Face, FaceMood, Mood, RoomMood

FACE = Face(Box(0.0, 0.0, 10.0, 10.0), 1.0)
MANNERS = RoomManners(window_seconds=1.0, change_margin=0.05, change_dwell_seconds=0.5)


def face(emotion: str, weight: float = 1.0, *, rejected: bool = False) -> FaceMood:
    scores = np.zeros(7, np.float32)
    scores[EMOTIONS.index(emotion)] = 1.0
    return FaceMood(FACE, Mood(emotion, 1.0, scores), rejected=rejected, weight=weight)


def test_a_face_counts_by_how_well_it_is_seen() -> None:
    mood = room_mood([face("happy", 1.0), face("sad", 0.25), face("angry", rejected=True)]).mood
    assert mood is not None
    assert mood.scores[EMOTIONS.index("happy")] == pytest.approx(0.8)
    assert mood.scores[EMOTIONS.index("angry")] == 0.0


def test_a_face_that_is_almost_sure_counts_as_more_than_its_probability() -> None:
    scores = np.full(7, 0.05, np.float32)
    scores[EMOTIONS.index("happy")] = 0.7
    unsure = FaceMood(FACE, Mood("happy", 0.7, scores))
    mood = room_mood([unsure]).mood
    assert mood is not None
    assert mood.scores[EMOTIONS.index("happy")] == pytest.approx(0.7**2 / (0.7**2 + 6 * 0.05**2), abs=1e-6)
    assert mood.scores.sum() == pytest.approx(1.0)


def test_an_empty_room_has_no_mood_and_forgets() -> None:
    room = Room(MANNERS)
    room.update([face("happy")], 0.0)
    assert room.update([], 0.1) == RoomMood(0, None)
    mood = room.update([face("sad")], 0.2).mood
    assert mood is not None
    assert mood.emotion == "sad"
    assert mood.confidence == pytest.approx(1.0)


def test_a_face_that_somebody_walks_past_still_counts_but_fills_no_room() -> None:
    room = Room(MANNERS)
    hidden = face("sad", 0.5)
    told = room.update([face("happy")], 0.0, [hidden])
    assert told.faces == 1
    assert told.mood is not None
    assert told.mood.scores[EMOTIONS.index("sad")] == pytest.approx(1.0 / 3.0)
    assert room.update([], 0.1, [hidden]) == RoomMood(0, None)


def test_the_dominant_emotion_waits_for_its_dwell() -> None:
    room = Room(MANNERS)
    told = []
    for index in range(40):
        mood = room.update([face("happy" if index < 20 else "sad")], index / 10.0).mood
        assert mood is not None
        told.append(mood.emotion)
    assert told[:20] == ["happy"] * 20
    assert 2.5 <= told.index("sad") / 10.0 <= 3.6
    assert told[-1] == "sad"


@given(st.lists(st.tuples(st.floats(-0.1, 0.5), st.lists(st.sampled_from(EMOTIONS), max_size=5)), max_size=50))
def test_shares_always_sum_to_one(story: list[tuple[float, list[str]]]) -> None:
    room, now = Room(MANNERS), 0.0
    for step, emotions in story:
        now += step
        told = room.update([face(emotion) for emotion in emotions], now)
        assert told.faces == len(emotions)
        assert (told.mood is None) == (not emotions)
        if told.mood is not None:
            np.testing.assert_allclose(told.mood.scores.sum(), 1.0, atol=1e-5)
            assert told.mood.scores.min() >= -1e-6


def rising(share: float) -> RoomMood:
    scores = np.zeros(7, np.float32)
    scores[EMOTIONS.index("surprise")], scores[EMOTIONS.index("neutral")] = share, 1.0 - share
    return RoomMood(4, Mood("neutral", 1.0 - share, scores))


def test_a_fast_rise_is_one_moment_and_a_slow_one_is_none() -> None:
    moments = Moments("hall", Arousal(0.3, 2.0))
    told = [moment for n in range(30) for moment in moments.update(rising(0.0 if n < 10 else 0.5), n / 10.0)]
    assert [(moment.emotion, moment.time_seconds) for moment in told] == [("surprise", 1.0)]
    assert told[0].rise == pytest.approx(0.5)
    slow = Moments("hall", Arousal(0.3, 2.0))
    assert not [moment for n in range(100) for moment in slow.update(rising(n / 100.0), n / 10.0)]
