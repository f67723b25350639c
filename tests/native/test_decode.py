"""Maps become the boxes that a plain NumPy reference makes of them: same boxes, same order, never more than fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.native.decode import decode_boxes

STRIDES = (8, 16, 32)
UNTOUCHED = -7.0


def overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[:2] + one[2:4], other[:2] + other[2:4])
    shared = np.clip(high - low, 0.0, None).prod()
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def reference(maps, limit: int, score_above: float, most_overlap: float) -> NDArray[np.float64]:
    found = []
    for cells, stride in zip(maps, STRIDES, strict=True):
        rows, columns = np.mgrid[: cells.shape[0], : cells.shape[1]]
        logit, dx, dy, log_w, log_h = np.moveaxis(cells.astype(np.float64), 2, 0)
        w, h = np.exp(log_w) * stride, np.exp(log_h) * stride
        x, y = (columns + 0.5 + dx) * stride - w / 2, (rows + 0.5 + dy) * stride - h / 2
        found.append(np.stack([x, y, w, h, 1.0 / (1.0 + np.exp(-logit))], axis=2).reshape(-1, 5))
    boxes = np.concatenate(found)
    boxes = boxes[boxes[:, 4] >= score_above]
    kept: list[NDArray[np.float64]] = []
    for box in boxes[np.argsort(-boxes[:, 4], kind="stable")]:
        if len(kept) < limit and all(overlap(box, other) <= most_overlap for other in kept):
            kept.append(box)
    return np.array(kept).reshape(-1, 5)


def maps_of(height: int, width: int, seed: int, spread: float = 1.0):
    """Three random maps of an input of `height` x `width` cells of the coarsest stride; no two scores are the same."""
    rng = np.random.default_rng(seed)
    shapes = [(height * 32 // stride, width * 32 // stride) for stride in STRIDES]
    maps = [rng.normal(0.0, 0.6, (*shape, 5)) for shape in shapes]
    count = sum(rows * columns for rows, columns in shapes)
    logits = np.split(
        rng.permutation(count) / count * 8.0 * spread - 4.0 * spread, np.cumsum([m[..., 0].size for m in maps])[:-1]
    )
    for cells, logit in zip(maps, logits, strict=True):
        cells[..., 0] = logit.reshape(cells.shape[:2])
    return [np.ascontiguousarray(cells, np.float32) for cells in maps]


def decoded(maps, limit=1024, score_above=0.5, most_overlap=0.4):
    out = np.full((limit, 5), UNTOUCHED, np.float32)
    count = decode_boxes(*maps, STRIDES, out, score_above, most_overlap)
    assert (out[count:] == UNTOUCHED).all()
    return out[:count]


def silent(height=2, width=2):
    return [np.full((height * 32 // s, width * 32 // s, 5), [-20.0, 0, 0, 0, 0], np.float32) for s in STRIDES]


@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 999),
    limit=st.sampled_from((1, 7, 1024)),
    score_above=st.sampled_from((0.05, 0.5, 0.9)),
    most_overlap=st.sampled_from((0.0, 0.3, 0.4, 0.7)),
)
def test_any_maps_give_what_the_reference_gives(size, seed, limit, score_above, most_overlap):
    maps = maps_of(*size, seed)
    np.testing.assert_allclose(
        decoded(maps, limit, score_above, most_overlap),
        reference(maps, limit, score_above, most_overlap),
        rtol=1e-5,
        atol=1e-4,
    )


def test_a_cell_means_the_box_that_the_contract_says():
    maps = silent()
    maps[1][2, 3] = [0.0, 0.25, -0.5, np.log(2.0), np.log(3.0)]
    (box,) = decoded(maps)
    np.testing.assert_allclose(box, [3.75 * 16 - 16, 2.0 * 16 - 24, 32, 48, 0.5], atol=1e-4)


def test_of_equal_scores_the_earlier_cell_wins():
    maps = silent()
    for column in range(3):
        maps[0][0, column] = [1.0, -column, 0.0, 1.0 + column / 100.0, 1.0]
    (box,) = decoded(maps)
    assert box[2] == pytest.approx(8.0 * np.exp(1.0))


def test_no_face_gives_no_box():
    assert decoded(silent()).shape == (0, 5)


def test_more_boxes_than_fit_leave_the_best():
    maps = silent(8, 8)
    maps[0][..., 0] = np.random.default_rng(0).permutation(maps[0][..., 0].size).reshape(maps[0].shape[:2]) / 100.0
    maps[0][..., 3:] = -1.0
    best = decoded(maps, limit=10)
    assert len(best) == 10
    np.testing.assert_array_equal(best, decoded(maps, limit=4096)[:10])


@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e30])
def test_a_box_that_is_no_number_is_none(broken):
    maps = silent()
    maps[0][0, 0] = [5.0, 0.0, 0.0, broken, 0.0]
    maps[0][3, 3] = [4.0, 0.0, 0.0, 0.0, 0.0]
    assert len(decoded(maps)) == 1
    maps[0][1, 1, 0] = np.nan
    assert len(decoded(maps)) == 1


@pytest.mark.parametrize(
    ("channels", "columns", "score_above", "reason"),
    [
        (4, 5, 0.5, "a map has 5 channels, not 4, 5, 5"),
        (5, 4, 0.5, "a box is x, y, width, height, score, not 4 numbers"),
        (5, 5, 0.0, "score_above lies between 0 and 1, which 0 does not"),
        (5, 5, float("nan"), "score_above lies between 0 and 1, which nan does not"),
    ],
)
def test_what_does_not_fit_is_refused(channels, columns, score_above, reason):
    fine, middle, coarse = silent()
    out = np.full((4, columns), UNTOUCHED, np.float32)
    with pytest.raises(ValueError, match=reason):
        decode_boxes(np.ascontiguousarray(fine[..., :channels]), middle, coarse, STRIDES, out, score_above, 0.4)
    assert (out == UNTOUCHED).all()
