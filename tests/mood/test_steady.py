"""A mood changes when the readings have truly changed, and not before; what is not known is unknown."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.mood.belief import Evidence, believe
from emotiond.mood.steady import MOODS, Steadiness, SteadyMoods
from emotiond.records import EMOTIONS

EVEN = np.full(7, 1.0 / 7.0)
EVIDENCE = Evidence(error_seconds=0.2, mood_seconds=30.0, doubt=0.05, expected=EVEN)
STEADINESS = Steadiness(
    evidence=EVIDENCE,
    change_margin=0.8,
    change_dwell_seconds=0.3,
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
    feed(moods, first, [("happy", 1.0)] * 10, 0.0, 0.1)
    rows = [moods.begin() for _ in range(100)]
    assert len({first, *rows}) == 101
    assert moods.mood(first).emotion == "happy"
    moods.end(first)
    assert moods.mood(moods.begin()).emotion == "unknown"


row_of_scores = st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).map(lambda row: np.array(row) + 1e-6)


@given(
    row_of_scores,
    row_of_scores,
    st.floats(0.0, 1.0),
    st.floats(0.0, 1e6),
    row_of_scores,
)
def test_beliefs_stay_probabilities(
    belief: NDArray[np.float64],
    reading: NDArray[np.float64],
    quality: float,
    elapsed: float,
    expected: NDArray[np.float64],
) -> None:
    evidence = Evidence(0.2, 30.0, 0.05, (expected + 0.01) / (expected + 0.01).sum())
    after = believe(
        (belief / belief.sum())[None],
        (reading / reading.sum())[None],
        np.array([quality]),
        np.array([elapsed]),
        evidence,
    )
    assert np.isfinite(after).all()
    assert (after >= 0.0).all()
    np.testing.assert_allclose(after.sum(), 1.0, atol=1e-9)


@given(st.integers(0, 6), st.floats(0.0, 5.0))
def test_a_reading_without_quality_is_no_evidence(best: int, elapsed: float) -> None:
    belief = np.full((1, 7), 0.05)
    belief[0, best] = 0.7
    after = believe(belief, scores("sad")[None], np.zeros(1), np.array([elapsed]), EVIDENCE)
    assert int(after.argmax()) == best


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
