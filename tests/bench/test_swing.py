"""The readings of a scene are as often right as the real ones, and swing as those of followed faces do."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.bench.swing import Swings, load_swings, played
from emotiond.bench.table import load_table

TIMES = np.arange(600) / 20.0
FACES = 200


def scene(whose: Swings) -> tuple[np.ndarray, np.ndarray]:
    table, rng = load_table(), np.random.default_rng(3)
    emotion = np.repeat(rng.choice(7, FACES, p=np.array(table.shares) / sum(table.shares))[None], len(TIMES), axis=0)
    return emotion, played(TIMES, emotion, table, whose, rng)


@pytest.mark.parametrize("whose", list(Swings))
def test_readings_are_as_often_right_as_the_table_says(whose: Swings) -> None:
    emotion, scores = scene(whose)
    np.testing.assert_allclose(scores.sum(axis=2), 1.0, atol=1e-5)
    right = (scores.argmax(axis=2) == emotion).mean()
    assert right == pytest.approx(load_table().accuracy, abs=0.06)


def test_a_face_keeps_a_reading_of_its_own_and_strangers_do_not() -> None:
    kept = {}
    for whose in Swings:
        logs = np.log(scene(whose)[1] + 1e-3)
        within = ((logs - logs.mean(axis=0)) ** 2).sum(axis=2).mean()
        kept[whose] = within / ((logs - logs.mean(axis=(0, 1))) ** 2).sum(axis=2).mean()
    assert kept[Swings.NEAR] < kept[Swings.FAR] < kept[Swings.STRANGERS]
    assert kept[Swings.NEAR] < 0.4


def test_what_was_measured_is_a_share_and_a_time() -> None:
    for share, seconds in (*load_swings().near, *load_swings().far):
        assert 0.0 < share <= 1.0
        assert seconds > 0.0
