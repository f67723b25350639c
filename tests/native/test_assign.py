"""The pairing costs as little as the best of all that were tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.native.assign import assign

LIMIT = 10.0


def total(cost: NDArray[np.float64], chosen: NDArray[np.int64]) -> float:
    return sum(LIMIT if column < 0 else float(cost[row, column]) for row, column in enumerate(chosen))


def best_of_all(cost: NDArray[np.float64]) -> float:
    rows, columns = cost.shape
    capped = np.minimum(np.where(np.isnan(cost), LIMIT, cost), LIMIT)
    # As many columns of "nobody" as there are rows: everybody may stay alone.
    padded = np.concatenate([capped, np.full((rows, rows), LIMIT)], axis=1)
    choices = itertools.permutations(range(columns + rows), rows)
    return min(sum(float(padded[row, column]) for row, column in enumerate(choice)) for choice in choices)


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2**32 - 1))
def test_no_other_pairing_is_cheaper(rows: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost = rng.uniform(-5.0, 20.0, (rows, columns)).round(1)
    chosen = np.full(rows, 99, np.int64)
    assign(cost, chosen, LIMIT)
    taken = [column for column in chosen.tolist() if column >= 0]
    assert len(taken) == len(set(taken))
    assert all(cost[row, column] < LIMIT for row, column in enumerate(chosen.tolist()) if column >= 0)
    assert total(cost, chosen) == pytest.approx(best_of_all(cost))


def test_what_is_no_number_is_never_paired() -> None:
    chosen = np.zeros(2, np.int64)
    assign(np.array([[np.nan, 1.0], [np.nan, 2.0]]), chosen, LIMIT)
    assert chosen.tolist() == [1, -1]


def test_wrong_shapes_and_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rows do not fit into an output of 3"):
        assign(np.zeros((2, 2)), np.zeros(3, np.int64), LIMIT)
    with pytest.raises(ValueError, match="finite"):
        assign(np.zeros((2, 2)), np.zeros(2, np.int64), float("inf"))
    with pytest.raises(ValueError, match="endless"):
        assign(np.array([[-np.inf]]), np.zeros(1, np.int64), LIMIT)
