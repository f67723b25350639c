"""The input is as small as the smallest face allows; tiles cover a picture, and each place belongs to one core."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.vision.detector import smallest_pixels
from emotiond.vision.view import MULTIPLE, ratio_for, tiles, view_of


@pytest.mark.parametrize(
    ("height", "wish", "ratio"),
    [(1080, 0, 2.0), (720, 0, 2.0), (480, 0, 1.0), (240, 0, 1.0), (720, 40, 4.0), (720, 39, 3.0), (720, 5, 0.5)],
)
def test_the_ratio_is_whole_and_follows_the_smallest_face(height, wish, ratio):
    assert ratio_for(smallest_pixels(wish, height), 10.0) == ratio


@given(width=st.integers(1, 5000), height=st.integers(1, 5000), ratio=st.sampled_from((0.25, 1.0, 2.0, 3.0)))
def test_a_view_holds_the_whole_picture_and_little_more(width, height, ratio):
    view = view_of(width, height, ratio)
    assert view.width % MULTIPLE == view.height % MULTIPLE == 0
    assert 0 <= view.width - width / ratio < MULTIPLE + 1
    assert 0 <= view.height - height / ratio < MULTIPLE + 1


@given(width=st.integers(1, 3000), height=st.integers(1, 3000), shared=st.integers(0, 300), data=st.data())
def test_every_place_lies_in_one_core_and_well_inside_its_tile(width, height, shared, data):
    parts = list(tiles(width, height, (640, 384), shared))
    x, y = data.draw(st.floats(0, width, exclude_max=True)), data.draw(st.floats(0, height, exclude_max=True))
    mine = [part for part in parts if part.core[0] <= x < part.core[2] and part.core[1] <= y < part.core[3]]
    assert len(mine) == 1
    (part,) = mine
    assert part.x + part.width <= width
    assert part.y + part.height <= height
    for place, start, length, side in ((x, part.x, part.width, width), (y, part.y, part.height, height)):
        assert start <= place <= start + length
        # At an inner seam, at least half of what is shared lies between the place and the tile's edge.
        assert place - start >= shared / 2 - 1 or start == 0
        assert start + length - place >= shared / 2 - 1 or start + length == side
