"""Every format is turned and masked alike: what the upright colour picture shows, the raw ones show, too."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.capture.lens import Lens
from emotiond.capture.source import Picture
from emotiond.records import Frame, PixelFormat

FORMATS = (PixelFormat.GRAY, PixelFormat.BGR, PixelFormat.YUYV, PixelFormat.NV12)
TURNS = [(0, False), (90, False), (180, False), (270, False), (0, True), (90, True), (180, True), (270, True)]
CORNER = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5))


def picture(form, seed=3):
    """u8 pixels of 48 x 32, of random content."""
    shape = {"gray": (32, 48, 1), "bgr": (32, 48, 3), "yuyv": (32, 48, 2), "nv12": (48, 48, 1)}[form]
    return Picture(np.random.default_rng(seed).integers(1, 256, shape, np.uint8), 0.0, "picture", form)


def colors(pixels, form):
    """BGR as OpenCV makes it."""
    code = {PixelFormat.YUYV: cv2.COLOR_YUV2BGR_YUY2, PixelFormat.NV12: cv2.COLOR_YUV2BGR_NV12}
    return cv2.cvtColor(pixels, code[form]) if form in code else np.repeat(pixels, 3 // pixels.shape[2], axis=2)


def expected(image, degrees, mirror):
    turned = np.rot90(image, -degrees // 90)
    return turned[:, ::-1] if mirror else turned


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("degrees", "mirror"), TURNS)
def test_every_format_is_turned_alike(form, degrees, mirror):
    source = picture(form)
    before = source.pixels.copy()
    pixels, turned = Lens(degrees, mirror=mirror).upright(source)
    luma = Frame("c", 0, 0.0, source.pixels, "s", format=form).luma
    assert (Frame("c", 0, 0.0, pixels, "s", format=turned).luma == expected(luma, degrees, mirror)).all()
    assert pixels.flags.c_contiguous
    if turned is form:
        assert (colors(pixels, form) == expected(colors(source.pixels, form), degrees, mirror)).all()
    else:
        assert (form, turned, degrees % 180) == (PixelFormat.YUYV, PixelFormat.GRAY, 90)
    assert (source.pixels == before).all()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("degrees", "mirror"), TURNS)
def test_what_is_masked_is_black_in_every_format_and_nothing_else_is(form, degrees, mirror):
    lens = Lens(degrees, [CORNER, [(0.8, 0.8), (1.0, 0.8), (1.0, 1.0), (0.8, 1.0)]], mirror=mirror)
    for seed in (3, 4):
        pixels, turned = lens.upright(picture(form, seed))
        free, _ = Lens(degrees, mirror=mirror).upright(picture(form, seed))
        luma = Frame("c", 0, 0.0, pixels, "s", format=turned).luma
        assert lens.masked.shape == luma.shape
        assert (luma[lens.masked] == 0).all()
        assert (luma == 0).sum() == lens.masked.sum()
        assert (colors(pixels, turned)[lens.masked] == 0).all()
        far = ~cv2.dilate(lens.masked.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
        assert (colors(pixels, turned)[far] == colors(free, turned)[far]).all()
    height, width = lens.masked.shape
    assert lens.masked[0, 0]
    assert lens.masked[height - 1, width - 1]
    assert not lens.masked[height // 2, width // 2]
    assert not lens.masked[0, width - 1]


def test_a_picture_of_another_size_gets_its_own_mask():
    lens = Lens(masks=[CORNER])
    lens.upright(picture(PixelFormat.GRAY))
    large = Picture(np.full((64, 64, 1), 9, np.uint8), 0.0, "picture", PixelFormat.GRAY)
    assert (lens.upright(large)[0] == 0).sum() == lens.masked.sum() > 300


def test_without_a_wish_the_pixels_are_handed_on_as_they_are():
    source = picture(PixelFormat.NV12)
    assert np.shares_memory(Lens().upright(source)[0], source.pixels)
    gray = Picture(np.zeros((2, 2, 1), np.uint8), 0.0, "file")
    assert Lens().upright(gray)[1] is PixelFormat.GRAY
