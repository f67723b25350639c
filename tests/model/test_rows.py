"""Training rows carry the targets of the labels that were asked for, and what nobody could name is left out."""

from __future__ import annotations

import numpy as np
import pytest

from model.dataset import Fer2013
from model.labels import FERPLUS_COLUMNS, OUTPUTS
from model.mined import BACKGROUND, MEASURED, OUR_FACE, TRAINED_ON, Mined
from model.rows import FACE_ONLY, LABELLED, Rows, emotion_rows, mined_rows


@pytest.fixture
def data():
    votes = np.zeros((3, len(FERPLUS_COLUMNS)), np.uint8)
    votes[0, FERPLUS_COLUMNS.index("happiness")] = 10
    votes[1, FERPLUS_COLUMNS.index("unknown")] = 10
    votes[2, FERPLUS_COLUMNS.index("NF")] = 10
    pixels = np.random.default_rng(0).integers(0, 256, (3, 48, 48), np.uint8)
    return Fer2013(pixels, np.array([3, 0, 6], np.uint8), np.zeros(3, np.uint8), votes)


def test_the_votes_decide_where_they_are_asked(data):
    rows = emotion_rows(data, np.arange(3), "ferplus")
    assert [OUTPUTS[best] for best in rows.target.argmax(axis=1)] == ["happy", "not_a_face"]
    assert rows.kind.tolist() == [LABELLED, LABELLED]
    assert rows.canvas.shape[0] == 2


def test_the_original_label_decides_where_it_is_asked(data):
    rows = emotion_rows(data, np.arange(3), "fer2013")
    assert [OUTPUTS[best] for best in rows.target.argmax(axis=1)] == ["happy", "angry", "neutral"]
    assert rows.weight.tolist() == [1.0, 1.0, 1.0]


def test_rows_can_be_taken_in_any_order(data):
    rows = emotion_rows(data, np.arange(3), "fer2013")
    taken = rows.take(np.array([2, 0, 0]))
    np.testing.assert_array_equal(taken.target, rows.target[[2, 0, 0]])
    np.testing.assert_array_equal(taken.canvas, rows.canvas[[2, 0, 0]])
    np.testing.assert_array_equal(taken.original.argmax(axis=1), [6, 3, 3])
    assert len(Rows.joined([taken, rows]).weight) == 6


def test_what_was_mined_is_split_into_no_faces_and_faces_without_a_name(tmp_path):
    pixels = np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((1, 64, 64), np.uint8)
    kind, split = np.array([BACKGROUND, OUR_FACE] * 2, np.uint8), np.repeat([TRAINED_ON, MEASURED], 2).astype(np.uint8)
    Mined(pixels, kind, split, np.full(4, 40.0, np.float32)).save(tmp_path / "mined.npz")
    negatives, unnamed = mined_rows(tmp_path / "mined.npz")
    assert (negatives.canvas[:, 0, 0].tolist(), unnamed.canvas[:, 0, 0].tolist()) == ([0], [1])
    assert OUTPUTS[int(negatives.target[0].argmax())] == "not_a_face"
    assert (negatives.kind.tolist(), unnamed.kind.tolist()) == ([LABELLED], [FACE_ONLY])
