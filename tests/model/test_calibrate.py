"""Calibration takes the power of the prior under which the truth is likeliest, and stops at the first good confidence."""

import numpy as np
import pytest

from model.calibrate import Settings, _best_power, _unknown_threshold
from model.figures import log_loss

TRUTH = np.tile(np.arange(7), 60)


def test_the_power_is_taken_under_which_the_truth_is_likeliest() -> None:
    told = np.full((len(TRUTH), 7), 0.05, np.float32)
    told[np.arange(len(TRUTH)), TRUTH] = 0.7
    surer, wrong = told**1.5, np.roll(told, 1, axis=1)
    surer /= surer.sum(axis=1, keepdims=True)
    # What is beyond the seven, contempt, has no say.
    truth = np.where(np.arange(len(TRUTH)) < 10, 7, TRUTH)
    assert _best_power({0.0: told, 0.1: surer, 0.2: wrong}, truth) == 0.1
    assert log_loss(truth, told) == pytest.approx(-np.log(0.7), abs=1e-6)


def test_unknown_ends_where_answers_become_better_than_chance_whatever_comes_later() -> None:
    sure = np.repeat(np.arange(0.305, 0.7, 0.01), 20)
    scores = np.column_stack([sure, *np.zeros((6, len(sure)))]).astype(np.float32)
    # Wrong up to 0.5, right from there on, and by chance wrong once more.
    truth = np.where((sure < 0.5) | ((sure > 0.55) & (sure < 0.6)), 1, 0)
    assert 0.5 <= _unknown_threshold(scores, truth, Settings()) <= 0.54
