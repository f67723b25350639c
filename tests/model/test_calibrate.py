"""Of powers of the prior that chance cannot tell apart, calibration takes the highest; never one that costs accuracy."""

import numpy as np
from numpy.typing import NDArray

from model.calibrate import Settings, _best_power, _unknown_threshold

TRUTH = np.tile(np.arange(7), 60)


def read_wrongly(share: float, seed: int) -> NDArray[np.float32]:
    """Scores f32 (n, 7) of which a share puts a neighbour first."""
    rng = np.random.default_rng(seed)
    answers = np.where(rng.random(len(TRUTH)) < share, (TRUTH + 1) % 7, TRUTH)
    return np.eye(7, dtype=np.float32)[answers]


def test_of_powers_that_are_alike_the_highest_is_taken() -> None:
    same = read_wrongly(0.2, 1)
    assert _best_power({0.0: same, 0.1: same, 0.2: same}, TRUTH, Settings()) == 0.2


def test_a_power_that_costs_accuracy_is_not_taken() -> None:
    right = read_wrongly(0.2, 1)
    worse = right.copy()
    worse[:4] = np.roll(worse[:4], 3, axis=1)
    assert _best_power({0.0: right, 0.3: worse}, TRUTH, Settings()) == 0.0


def test_a_power_that_reads_better_for_sure_beats_a_higher_one() -> None:
    tables = {0.0: read_wrongly(0.3, 1), 0.1: read_wrongly(0.05, 2), 0.2: read_wrongly(0.3, 1)}
    assert _best_power(tables, TRUTH, Settings()) == 0.1


def test_unknown_ends_where_answers_become_better_than_chance_whatever_comes_later() -> None:
    sure = np.repeat(np.arange(0.305, 0.7, 0.01), 20)
    scores = np.column_stack([sure, *np.zeros((6, len(sure)))]).astype(np.float32)
    # Wrong up to 0.5, right from there on, and by chance wrong once more.
    truth = np.where((sure < 0.5) | ((sure > 0.55) & (sure < 0.6)), 1, 0)
    assert 0.5 <= _unknown_threshold(scores, truth, Settings()) <= 0.54
