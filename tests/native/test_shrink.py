"""Luma shrinks to the mean over areas and grows between neighbours, in every raw format; the rest becomes zero."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.native.shrink import shrink_luma

UNTOUCHED = -7.0


def weights(limit: int, ratio: float) -> NDArray[np.float64]:
    """One row per output pixel, one column per source pixel."""
    cells = int(np.ceil(limit / ratio - 1e-9))
    pixels, index = np.arange(limit, dtype=np.float64), np.arange(cells, dtype=np.float64)[:, None]
    if ratio >= 1.0:
        covered = np.minimum((index + 1) * ratio, pixels + 1.0) - np.maximum(index * ratio, pixels)
        covered = np.clip(covered, 0.0, None)
        return covered / covered.sum(axis=1, keepdims=True)
    centre = np.clip((index + 0.5) * ratio - 0.5, 0.0, limit - 1.0)
    return np.clip(1.0 - np.abs(pixels - centre), 0.0, None)


def luma_of(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    if pixels.shape[2] == 3:
        return pixels.astype(np.float64) @ np.array([3735.0, 19235.0, 9798.0]) / 32768.0
    return pixels[:, :, 0].astype(np.float64)


def picture(height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def shrunk(pixels: NDArray[np.uint8], ratio: float, spare: tuple[int, int] = (0, 0)) -> NDArray[np.float32]:
    rows, columns = (int(np.ceil(side / ratio - 1e-9)) for side in pixels.shape[:2])
    out = np.full((rows + spare[0], columns + spare[1]), UNTOUCHED, np.float32)
    assert shrink_luma(pixels, out, ratio) == (columns, rows)
    return out


sides, channels = st.integers(1, 50), st.sampled_from((1, 2, 3))


@given(
    pixels=st.builds(picture, sides, sides, channels, st.integers(0, 99)),
    ratio=st.sampled_from((1.0, 2.0, 3.0, 4.0, 7.0, 1.25, 1.5, 2.5, 10.0 / 3.0, 0.5, 0.25, 0.8, 300.0)),
    spare=st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_any_picture_gives_what_the_reference_gives(pixels, ratio, spare):
    out = shrunk(pixels, ratio, spare)
    luma = weights(pixels.shape[0], ratio) @ luma_of(pixels) @ weights(pixels.shape[1], ratio).T / 255.0
    np.testing.assert_allclose(out[: luma.shape[0], : luma.shape[1]], luma, atol=2e-6)
    assert (out[luma.shape[0] :] == 0.0).all()
    assert (out[:, luma.shape[1] :] == 0.0).all()


@given(pixels=st.builds(picture, sides, sides, channels, st.integers(0, 99)), whole=st.sampled_from((1, 2, 3, 4, 8)))
def test_whole_ratios_are_exact_to_the_bit(pixels, whole):
    height, width = (side // whole * whole for side in pixels.shape[:2])
    if not height or not width:
        return
    pixels = np.ascontiguousarray(pixels[:height, :width])
    sums = pixels.reshape(height // whole, whole, width // whole, whole, -1).sum(axis=(1, 3), dtype=np.int64)
    colour = pixels.shape[2] == 3
    total = sums @ np.array([3735, 19235, 9798]) if colour else sums[:, :, 0]
    scale = np.float32(1.0 / (255.0 * (32768.0 if colour else 1.0) * whole * whole))
    np.testing.assert_array_equal(shrunk(pixels, float(whole)), total.astype(np.float32) * scale)


def test_a_gray_picture_is_the_same_in_every_format():
    gray = picture(18, 30, 1)
    yuyv = np.ascontiguousarray(np.concatenate([gray, picture(18, 30, 1, 1)], axis=2))
    nv12 = np.concatenate([gray, picture(9, 30, 1, 2)])
    for ratio in (1.0, 2.0, 3.0, 1.5, 0.5):
        plain = shrunk(gray, ratio)
        np.testing.assert_array_equal(shrunk(yuyv, ratio), plain)
        np.testing.assert_array_equal(shrunk(nv12[:18], ratio), plain)
        np.testing.assert_allclose(shrunk(np.repeat(gray, 3, axis=2), ratio), plain, atol=2e-7)


def test_colour_has_the_brightness_that_opencv_says():
    pixels = picture(20, 30, 3)
    np.testing.assert_allclose(shrunk(pixels, 1.0), cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) / 255.0, atol=0.51 / 255.0)


def test_a_part_of_a_picture_needs_no_copy():
    pixels = picture(40, 60, 3)
    part = pixels[5:35, 10:50]
    assert not part.flags.c_contiguous
    np.testing.assert_array_equal(shrunk(part, 2.0), shrunk(np.ascontiguousarray(part), 2.0))


def test_an_even_picture_stays_even():
    for ratio in (1.0, 2.0, 2.5, 0.4):
        np.testing.assert_allclose(shrunk(np.full((31, 47, 3), 255, np.uint8), ratio), 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("pixels", "ratio", "reason"),
    [
        (picture(9, 9, 1)[:, :, [0, 0, 0, 0]], 1.0, r"not \(9, 9, 4\)"),
        (np.zeros((0, 9, 1), np.uint8), 1.0, r"not \(0, 9, 1\)"),
        (picture(9, 18, 1)[:, ::2], 1.0, "no gaps"),
        (picture(9, 9, 1), 0.0, "a ratio lies between 0.001 and 10000, which 0 does not"),
        (picture(9, 9, 1), float("nan"), "which nan does not"),
        (picture(9, 99, 1), 2.0, "50x5 pixels do not fit into 32x32"),
    ],
)
def test_what_does_not_fit_is_refused(pixels, ratio, reason):
    out = np.full((32, 32), UNTOUCHED, np.float32)
    with pytest.raises(ValueError, match=reason):
        shrink_luma(pixels, out, ratio)
    assert (out == UNTOUCHED).all()
