"""A box says which part of a frame it covers; a frame knows its size and its luma in every format."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.records import Box, Frame, PixelFormat

numbers = st.floats(-1e4, 1e4)


def test_a_box_inside_is_its_share_of_the_frame():
    assert Box(64, 48, 320, 120).fractions_of(640, 480) == pytest.approx((0.1, 0.1, 0.5, 0.25))


def test_what_reaches_past_the_edges_is_cut_off():
    assert Box(-50, 90, 100, 100).fractions_of(100, 100) == pytest.approx((0.0, 0.9, 0.5, 0.1))
    assert Box(-50, 90, 100, 100).inside(200, 100) == Box(0.0, 90, 50, 10)


@given(numbers, numbers, st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 5000), st.integers(1, 5000))
def test_shares_are_never_negative_and_sizes_never_above_one(x, y, w, h, width, height):
    part = Box(x, y, w, h).fractions_of(width, height)
    assert min(part) >= 0.0
    assert max(part.width, part.height) <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("format_", "shape"),
    [
        (PixelFormat.GRAY, (48, 64, 1)),
        (PixelFormat.BGR, (48, 64, 3)),
        (PixelFormat.YUYV, (48, 64, 2)),
        (PixelFormat.NV12, (72, 64, 1)),
    ],
)
def test_a_frame_knows_its_size_and_its_luma(format_, shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    frame = Frame("camera", 0, 0.0, pixels, "source", format=format_)
    assert (frame.width, frame.height) == (64, 48)
    assert frame.luma.shape == (48, 64)
    if format_ is PixelFormat.BGR:
        assert (frame.luma == cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)).all()
    else:
        assert np.shares_memory(frame.luma, pixels)
        assert (frame.luma == pixels[:48, :, 0]).all()


def test_a_gray_picture_needs_no_word_about_its_format():
    # Whoever wraps a picture from a file gives its pixels alone.
    pixels = np.full((4, 6, 1), 9, np.uint8)
    assert np.shares_memory(Frame("camera", 0, 0.0, pixels, "picture").luma, pixels)
