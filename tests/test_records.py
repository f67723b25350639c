"""A box says which part of a frame it covers, however far it reaches past the edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.records import Box

numbers = st.floats(-1e4, 1e4)


def test_a_box_inside_is_its_share_of_the_frame():
    assert Box(64, 48, 320, 120).fractions_of(640, 480) == pytest.approx((0.1, 0.1, 0.5, 0.25))


def test_what_reaches_past_the_edges_is_cut_off():
    assert Box(-50, 90, 100, 100).fractions_of(100, 100) == pytest.approx((0.0, 0.9, 0.5, 0.1))


@given(numbers, numbers, st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 5000), st.integers(1, 5000))
def test_shares_are_never_negative_and_sizes_never_above_one(x, y, w, h, width, height):
    part = Box(x, y, w, h).fractions_of(width, height)
    assert min(part) >= 0.0
    assert max(part.width, part.height) <= 1.0 + 1e-9
