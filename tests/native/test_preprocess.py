"""The kernel gives what a plain NumPy reference gives, and refuses what it cannot do before it writes anything."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.native.preprocess import crop_faces

UNTOUCHED = -7.0


def weights(start: float, length: float, limit: int, cells: int) -> NDArray[np.float64]:
    """One row per output cell, one column per source pixel; the mean over the area, or between two neighbours."""
    begin, end = max(start, 0.0), min(start + length, limit)
    ratio = (end - begin) / cells
    pixels = np.arange(limit, dtype=np.float64)
    index = np.arange(cells, dtype=np.float64)[:, None]
    if ratio >= 1.0:
        left = begin + index * ratio
        covered = np.minimum(left + ratio, pixels + 1.0) - np.maximum(left, pixels)
        return np.clip(covered, 0.0, None) / ratio
    centre = np.clip(begin + (index + 0.5) * ratio - 0.5, np.floor(begin), np.ceil(end) - 1.0)
    return np.clip(1.0 - np.abs(pixels - centre), 0.0, None)


def reference(
    frame: NDArray[np.uint8], box: NDArray[np.float32], shape: tuple[int, int, int], scale: float, offset: float
) -> NDArray[np.float64]:
    height, width, channels = shape
    if channels == 1:
        planes = frame if frame.shape[2] == 1 else cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)[:, :, None]
    else:
        planes = np.repeat(frame, 3, axis=2) if frame.shape[2] == 1 else frame[:, :, ::-1]
    x, y, w, h = (float(side) for side in box)
    down, across = weights(y, h, frame.shape[0], height), weights(x, w, frame.shape[1], width)
    cut = np.einsum("yr,rcp,xc->yxp", down, planes.astype(np.float64), across)
    return cut * scale + offset


def picture(height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def cropped(
    frame: NDArray[np.uint8], box: tuple[float, float, float, float], shape: tuple[int, int, int]
) -> NDArray[np.float32]:
    out = np.full((1, *shape), UNTOUCHED, np.float32)
    crop_faces(frame, np.array([box], np.float32), out, 1.0, 0.0)
    return out[0]


sides = st.integers(1, 40)
channel_counts = st.sampled_from((1, 3))


@given(
    frame=st.builds(picture, sides, sides, channel_counts, st.integers(0, 99)),
    place=st.tuples(*(st.floats(-0.625, 1.25, width=32),) * 2),
    size=st.tuples(*(st.floats(0.125, 3.0, width=32),) * 2),
    shape=st.tuples(sides, sides, channel_counts),
    scale=st.sampled_from((1.0, 1.0 / 255.0, 2.0 / 255.0)),
    offset=st.sampled_from((0.0, -1.0)),
)
def test_any_box_gives_what_the_reference_gives(frame, place, size, shape, scale, offset):
    height, width = frame.shape[:2]
    box = np.array([place[0] * width, place[1] * height, size[0] * width, size[1] * height], np.float32)
    x, y, w, h = (float(side) for side in box)
    inside = max(x, 0.0) < min(x + w, width) and max(y, 0.0) < min(y + h, height)
    out = np.full((1, *shape), UNTOUCHED, np.float32)
    if not inside:
        with pytest.raises(ValueError, match="holds no pixel"):
            crop_faces(frame, box[None], out, scale, offset)
        assert (out == UNTOUCHED).all()
        return
    crop_faces(frame, box[None], out, scale, offset)
    np.testing.assert_allclose(out[0], reference(frame, box, shape, scale, offset), atol=0.01 * scale)


@pytest.mark.parametrize("channels", [1, 3])
def test_gray_is_opencvs_gray_to_the_bit(channels):
    frame = picture(97, 131, channels)
    gray = frame[:, :, 0] if channels == 1 else cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    out = cropped(frame, (20.0, 10.0, 64.0, 80.0), (80, 64, 1))
    np.testing.assert_array_equal(out[:, :, 0], gray[10:90, 20:84])


def test_every_colour_becomes_opencvs_gray():
    # All values of two channels against each other, and of the third along with them.
    blue, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    frame = np.ascontiguousarray(np.dstack([blue, green, blue ^ green]))
    out = cropped(frame, (0.0, 0.0, 256.0, 256.0), (256, 256, 1))
    np.testing.assert_array_equal(out[:, :, 0], cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))


def test_three_channels_come_as_red_green_blue():
    frame = np.zeros((8, 8, 3), np.uint8)
    frame[:] = (10, 20, 30)
    np.testing.assert_array_equal(cropped(frame, (0.0, 0.0, 8.0, 8.0), (1, 1, 3)), [[[30.0, 20.0, 10.0]]])


def test_shrinking_takes_the_mean_over_the_area():
    frame = picture(40, 40, 1)
    out = cropped(frame, (0.0, 0.0, 40.0, 40.0), (4, 5, 1))
    np.testing.assert_allclose(out[:, :, 0], frame[:, :, 0].reshape(4, 10, 5, 8).mean(axis=(1, 3)), atol=1e-3)


def test_growing_agrees_with_opencvs_bilinear():
    frame = picture(12, 9, 1)
    grown = cv2.resize(frame[:, :, 0].astype(np.float32), (27, 48), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(cropped(frame, (0.0, 0.0, 9.0, 12.0), (48, 27, 1))[:, :, 0], grown, atol=1e-2)


def test_each_axis_is_judged_by_itself():
    frame = picture(80, 10, 1)
    box = np.array([0.0, 0.0, 10.0, 80.0], np.float32)
    out = cropped(frame, tuple(box), (20, 20, 1))
    np.testing.assert_allclose(out, reference(frame, box, (20, 20, 1), 1.0, 0.0), atol=1e-2)


def test_a_box_past_the_edges_is_clipped():
    frame = picture(30, 30, 3)
    np.testing.assert_array_equal(
        cropped(frame, (-10.0, -5.0, 100.0, 20.0), (12, 12, 1)), cropped(frame, (0.0, 0.0, 30.0, 15.0), (12, 12, 1))
    )


def test_many_faces_are_filled_in_order_and_the_rest_is_left_alone():
    frame = picture(60, 60, 3)
    boxes = np.array([[0, 0, 20, 20], [30.5, 12.25, 9.5, 17.75], [40, 40, 40, 40]], np.float32)
    out = np.full((5, 16, 16, 1), UNTOUCHED, np.float32)
    crop_faces(frame, boxes, out, 1.0, 0.0)
    for row, box in zip(out, boxes, strict=False):
        np.testing.assert_array_equal(row, cropped(frame, tuple(box), (16, 16, 1)))
    assert (out[3:] == UNTOUCHED).all()


@pytest.mark.parametrize(
    "empty",
    [
        (5, 5, 0, 5),
        (5, 5, 5, 0),
        (5, 5, -3, 5),
        (-9, 5, 9, 5),
        (20, 5, 4, 4),
        (5, 20, 4, 4),
        (np.nan, 5, 4, 4),
        (5, 5, 4, np.nan),
        (1e30, 5, 4, 4),
    ],
)
def test_one_empty_box_is_refused_and_nothing_is_written(empty):
    out = np.full((2, 8, 8, 1), UNTOUCHED, np.float32)
    with pytest.raises(ValueError, match=r"box 1 \(.*\) holds no pixel of a frame of 20x20"):
        crop_faces(picture(20, 20, 3), np.array([(0, 0, 9, 9), empty], np.float32), out, 1.0, 0.0)
    assert (out == UNTOUCHED).all()


@pytest.mark.parametrize(
    ("frame", "boxes", "out", "message"),
    [
        ((9, 9, 4), (1, 4), (1, 8, 8, 1), "a frame has 1 or 3 channels, not 4"),
        ((9, 9, 3), (1, 5), (1, 8, 8, 1), "a box is x, y, width, height, not 5 numbers"),
        ((9, 9, 3), (2, 4), (1, 8, 8, 1), "2 boxes do not fit into an output of 1"),
        ((9, 9, 3), (1, 4), (1, 8, 8, 2), "an output has 1 or 3 channels, not 2"),
        ((9, 9), (1, 4), (1, 8, 8, 1), "wrong number of dimensions"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(frame, boxes, out, message):
    target = np.full(out, UNTOUCHED, np.float32)
    with pytest.raises(ValueError, match=message):
        crop_faces(np.zeros(frame, np.uint8), np.ones(boxes, np.float32), target, 1.0, 0.0)
    assert (target == UNTOUCHED).all()


def test_no_face_is_no_work():
    out = np.full((1, 8, 8, 1), UNTOUCHED, np.float32)
    crop_faces(picture(9, 9, 3), np.empty((0, 4), np.float32), out, 1.0, 0.0)
    assert (out == UNTOUCHED).all()
