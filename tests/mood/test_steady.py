"""A mood changes when the readings have truly changed, and not before; what is not known is unknown."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.mood.belief import blend
from emotiond.mood.steady import MOODS, Steadiness, SteadyMoods
from emotiond.records import EMOTIONS

STEADINESS = Steadiness(
    recent_seconds=0.2,
    usual_seconds=10.0,
    change_margin=0.5,
    change_step=1.4,
    change_dwell_seconds=0.3,
    slow_change_seconds=4.0,
    clarity_seconds=1.0,
    unknown_below=0.4,
    unknown_hysteresis=0.05,
)


def scores(emotion: str, share: float = 0.8) -> NDArray[np.float64]:
    row = np.full(7, (1.0 - share) / 6.0)
    row[EMOTIONS.index(emotion)] = share
    return row


def feed(moods: SteadyMoods, row: int, readings: list[tuple[str, float]], start: float, step: float) -> list[str]:
    stood = []
    for index, (emotion, quality) in enumerate(readings):
        now = start + index * step
        moods.update(np.array([row]), scores(emotion)[None], np.array([quality]), now)
        stood.append(moods.mood(row).emotion)
    return stood


def test_a_single_misreading_changes_nothing() -> None:
    moods = SteadyMoods(STEADINESS)
    row = moods.begin()
    feed(moods, row, [("happy", 1.0)] * 30, 0.0, 0.1)
    assert set(feed(moods, row, [("sad", 1.0), *[("happy", 1.0)] * 10], 3.0, 0.1)) == {"happy"}


def test_a_true_change_is_told_at_any_rate_of_readings() -> None:
    for rate in (3.0, 10.0, 30.0):
        moods = SteadyMoods(STEADINESS)
        row = moods.begin()
        feed(moods, row, [("happy", 1.0)] * round(3.0 * rate), 0.0, 1.0 / rate)
        stood = feed(moods, row, [("sad", 1.0)] * round(3.0 * rate), 3.0, 1.0 / rate)
        assert stood[0] == "happy"
        assert stood.index("sad") / rate <= 1.5
        assert stood[-1] == "sad"


def test_a_face_that_cannot_be_read_becomes_unknown_and_comes_back() -> None:
    moods = SteadyMoods(STEADINESS)
    row = moods.begin()
    feed(moods, row, [("happy", 1.0)] * 30, 0.0, 0.1)
    assert feed(moods, row, [("happy", 0.0)] * 30, 3.0, 0.1)[-1] == "unknown"
    assert feed(moods, row, [("happy", 1.0)] * 30, 6.0, 0.1)[-1] == "happy"


def test_a_face_seen_badly_is_believed_more_slowly() -> None:
    good, bad = SteadyMoods(STEADINESS), SteadyMoods(STEADINESS)
    for moods, quality in ((good, 1.0), (bad, 0.3)):
        row = moods.begin()
        feed(moods, row, [("happy", 1.0)] * 30, 0.0, 0.1)
        feed(moods, row, [("sad", quality)] * 3, 3.0, 0.1)
    sad = EMOTIONS.index("sad")
    assert good.mood(0).scores[sad] > bad.mood(0).scores[sad]


def test_more_faces_than_rows_keep_their_moods() -> None:
    moods = SteadyMoods(STEADINESS)
    first = moods.begin()
    feed(moods, first, [("happy", 1.0)] * 15, 0.0, 0.1)
    rows = [moods.begin() for _ in range(100)]
    assert len({first, *rows}) == 101
    assert moods.mood(first).emotion == "happy"
    moods.end(first)
    assert moods.mood(moods.begin()).emotion == "unknown"


row_of_scores = st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).map(lambda row: np.array(row) + 1e-6)


readings_over_time = st.lists(st.tuples(row_of_scores, st.floats(0.0, 1.0), st.floats(0.0, 1e6)), max_size=20)


@given(readings_over_time, st.floats(0.01, 100.0))
def test_averages_stay_probabilities_between_the_readings(
    readings: list[tuple[NDArray[np.float64], float, float]], seconds: float
) -> None:
    average, weight = np.full((1, 7), 1.0 / 7.0), np.zeros(1)
    seen = []
    for shares, quality, elapsed in readings:
        row = shares / shares.sum()
        blend(average, weight, row[None], np.array([quality]), np.array([elapsed]), seconds)
        seen += [row] if quality * elapsed > 0.0 else []
        assert 0.0 <= weight[0] <= 1.0
        np.testing.assert_allclose(average.sum(), 1.0, atol=1e-9)
        if seen and weight[0] > 0.0:
            assert (average[0] >= np.min(seen, axis=0) - 1e-9).all()
            assert (average[0] <= np.max(seen, axis=0) + 1e-9).all()


@given(st.integers(0, 6), st.floats(0.0, 5.0))
def test_a_reading_without_quality_is_no_evidence(best: int, elapsed: float) -> None:
    average = np.full((1, 7), 0.05)
    average[0, best] = 0.7
    before = average.copy()
    blend(average, np.full(1, 0.5), scores("sad")[None], np.zeros(1), np.array([elapsed]), 0.2)
    np.testing.assert_array_equal(average, before)


def test_the_first_readings_count_alike_whatever_was_before() -> None:
    average, weight = np.full((1, 7), 1.0 / 7.0), np.zeros(1)
    for emotion in ("happy", "sad"):
        blend(average, weight, scores(emotion)[None], np.ones(1), np.full(1, 0.1), 10.0)
    np.testing.assert_allclose(average[0], (scores("happy") + scores("sad")) / 2.0, atol=0.01)


def test_a_face_that_is_usually_read_as_two_emotions_does_not_flicker_between_them() -> None:
    moods = SteadyMoods(STEADINESS)
    row = moods.begin()
    feed(moods, row, [("neutral", 1.0)] * 10, 0.0, 0.1)
    stood = set()
    for index in range(300):
        between = 0.5 * scores("neutral", 0.9) + 0.5 * scores("sad", 0.9)
        between += 0.2 * np.sin(index / 5.0) * (scores("sad", 0.9) - scores("neutral", 0.9))
        moods.update(np.array([row]), between[None], np.ones(1), 1.0 + index / 10.0)
        stood.add(moods.mood(row).emotion)
    assert stood == {"neutral"}


def test_another_emotion_that_creeps_into_the_lead_is_told_in_the_end() -> None:
    moods = SteadyMoods(STEADINESS)
    row = moods.begin()
    feed(moods, row, [("neutral", 1.0)] * 10, 0.0, 0.1)
    for index in range(300):
        share = min(index / 200.0, 1.0)
        mixed = (1.0 - share) * scores("neutral", 0.9) + share * scores("sad", 0.9)
        moods.update(np.array([row]), mixed[None], np.ones(1), 1.0 + index / 10.0)
    assert moods.mood(row).emotion == "sad"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EMOTIONS), st.floats(0.0, 1.0), st.floats(0.0, 2.0)), max_size=60))
def test_between_two_changes_lies_the_dwell(readings: list[tuple[str, float, float]]) -> None:
    moods = SteadyMoods(STEADINESS)
    row = moods.begin()
    now, changed, stands = 0.0, -np.inf, "unknown"
    for emotion, quality, step in readings:
        now += step
        before = moods.update(np.array([row]), scores(emotion)[None], np.array([quality]), now)
        mood = moods.mood(row)
        assert MOODS[before[0]] == stands
        assert 0.0 <= mood.confidence <= 1.0 + 1e-9
        if mood.emotion != stands:
            assert now - changed >= STEADINESS.change_dwell_seconds - 1e-9
            changed, stands = now, mood.emotion
