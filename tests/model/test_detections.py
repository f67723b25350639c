"""Detections are scored as model/README.md says: by hand-made pictures whose figures can be counted on the fingers."""

from __future__ import annotations

import numpy as np
import pytest

from model.detections import Curve, Truth, face_curve, head_curve

NONE = np.zeros((0, 4))
FACES = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]], float)


def rows(*found):
    return np.array(found, float).reshape(-1, 5)


def curve(*hits, truths):
    return Curve(np.linspace(0.9, 0.1, len(hits)), np.array(hits, bool), truths)


def test_each_face_is_hit_once_and_a_second_hit_is_false():
    found = rows([0, 0, 10, 10, 0.9], [1, 0, 11, 10, 0.8], [20, 0, 30, 10, 0.7])
    made = face_curve([Truth(FACES, NONE)], [found])
    assert made.hit.tolist() == [True, False, True]
    assert made.truths == 3


def test_a_detectors_own_convention_is_no_fault():
    larger = FACES + np.array([-2.0, 1.0, 3.0, 5.0])
    scores = np.array([0.9, 0.8, 0.7])[:, None]
    made = face_curve([Truth(FACES, NONE)], [np.concatenate([larger, scores], axis=1)])
    assert made.hit.tolist() == [True, True, True]
    assert made.average_precision() == pytest.approx(1.0)


def test_what_lies_on_an_ignored_face_counts_for_nothing():
    masked = np.array([[60, 0, 70, 10]], float)
    found = rows([0, 0, 10, 10, 0.9], [61, 0, 71, 10, 0.8], [90, 90, 99, 99, 0.7])
    made = face_curve([Truth(FACES, masked)], [found])
    assert made.hit.tolist() == [True, False]
    assert made.score.tolist() == [0.9, 0.7]


def test_the_surest_come_first_over_all_pictures():
    truths = [Truth(FACES, NONE), Truth(FACES, NONE), Truth(NONE, NONE)]
    found = [rows([0, 0, 10, 10, 0.3]), rows([0, 0, 10, 10, 0.9]), rows([5, 5, 9, 9, 0.6])]
    made = face_curve(truths, found)
    assert made.score.tolist() == [0.9, 0.6, 0.3]
    assert made.hit.tolist() == [True, False, True]
    assert made.truths == 6


def test_a_head_is_hit_by_a_face_of_a_fitting_size_inside_it():
    heads = np.array([[0, 0, 20, 20], [100, 0, 120, 20]], float)
    found = rows(
        [5, 5, 15, 15, 0.9],  # half as large as the head, inside
        [6, 6, 16, 16, 0.8],  # the same head again
        [108, 8, 112, 12, 0.7],  # a fifth as large
        [130, 0, 150, 20, 0.6],  # beside it
        [95, -5, 125, 25, 0.5],  # half as large again
    )
    made = head_curve([Truth(heads, NONE)], [found])
    assert made.hit.tolist() == [True, False, False, False, True]
    assert made.truths == 2


def test_a_face_takes_the_nearer_of_two_heads():
    heads = np.array([[0, 0, 20, 20], [10, 0, 30, 20]], float)
    made = head_curve([Truth(heads, NONE)], [rows([13, 5, 23, 15, 0.9], [3, 5, 13, 15, 0.8])])
    assert made.hit.tolist() == [True, True]


def test_figures_of_a_curve_can_be_counted():
    made = curve(1, 1, 0, 1, 0, 0, truths=4)
    # Precision is 1, 1, 2/3, 3/4 at the fourth; interpolated 1, 1, 3/4.
    assert made.average_precision() == pytest.approx((1 + 1 + 0.75) / 4)
    assert made.recall_at_precision(0.75) == (0.75, pytest.approx(0.42))
    assert made.recall_at_precision(0.9) == (0.5, pytest.approx(0.74))
    assert made.recall_at_false_positives(0) == 0.5
    assert made.recall_at_false_positives(1) == 0.75


def test_equal_scores_are_told_together():
    made = Curve(np.array([0.9, 0.5, 0.5, 0.5]), np.array([True, True, False, False]), 2)
    assert made.recall_at_precision(0.9) == (0.5, 0.9)
    assert made.recall_at_false_positives(1) == 0.5


def test_nothing_found_is_no_recall():
    made = face_curve([Truth(FACES, NONE)], [rows()])
    assert (made.average_precision(), made.recall_at_false_positives(10)) == (0.0, 0.0)
    assert made.recall_at_precision(0.9) == (0.0, None)
    assert head_curve([Truth(NONE, NONE)], [rows()]).truths == 0
