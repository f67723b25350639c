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


#: OpenCV's weights of blue, green and red.
GRAY = np.array([3735, 19235, 9798]) / 32768.0
#: The kernel keeps eight bits behind the point.
NEAR = 0.05


def coloured(luma: NDArray[np.float64], chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Full-range BT.601, f64 (h, w, 3) red, green, blue; `chroma`, f64 (h, w, 2), is U and V of every pixel."""
    u, v = chroma[:, :, 0] - 128.0, chroma[:, :, 1] - 128.0
    return np.dstack([luma + 1.402 * v, luma - 0.344136 * u - 0.714136 * v, luma + 1.772 * u])


def planes_of(frame: NDArray[np.uint8], channels: int, *, nv12: bool = False) -> NDArray[np.float64]:
    """The picture as the network wants it, f64 (h, w, 1) gray or (h, w, 3) RGB, every pixel by itself."""
    real = frame.astype(np.float64)
    if nv12:
        height, width = frame.shape[0] // 3 * 2, frame.shape[1]
        luma = real[:height, :, 0]
        chroma = real[height:, :, 0].reshape(height // 2, width // 2, 2).repeat(2, axis=0).repeat(2, axis=1)
    elif frame.shape[2] == 2:
        luma = real[:, :, 0]
        chroma = real[:, :, 1].reshape(len(real), -1, 2).repeat(2, axis=1)
    elif frame.shape[2] == 1:
        return real if channels == 1 else np.repeat(real, 3, axis=2)
    else:
        return (real @ GRAY)[:, :, None] if channels == 1 else real[:, :, ::-1]
    return luma[:, :, None] if channels == 1 else coloured(luma, chroma)


def reference(
    frame: NDArray[np.uint8], box: NDArray[np.float32], shape: tuple[int, int, int], scale: float, offset: float
) -> NDArray[np.float64]:
    height, width, channels = shape
    planes = planes_of(frame, channels)
    x, y, w, h = (float(side) for side in box)
    down, across = weights(y, h, planes.shape[0], height), weights(x, w, planes.shape[1], width)
    return np.einsum("yr,rcp,xc->yxp", down, planes, across) * scale + offset


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
    np.testing.assert_allclose(out[0], reference(frame, box, shape, scale, offset), atol=NEAR * scale)


def test_gray_pixels_that_are_only_cut_out_stay_what_they_are():
    frame = picture(97, 131, 1)
    out = cropped(frame, (20.0, 10.0, 64.0, 80.0), (80, 64, 1))
    np.testing.assert_array_equal(out, frame[10:90, 20:84])


def test_every_colour_becomes_opencvs_gray_but_for_its_rounding():
    # All values of two channels against each other, and of the third along with them.
    blue, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    frame = np.ascontiguousarray(np.dstack([blue, green, blue ^ green]))
    out = cropped(frame, (0.0, 0.0, 256.0, 256.0), (256, 256, 1))
    np.testing.assert_allclose(out, planes_of(frame, 1), atol=0.02)
    np.testing.assert_allclose(out[:, :, 0], cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), atol=0.52)


def raw(layout, height, width, seed=3):
    """Smooth pixels of a camera, whose colours stay within what RGB can show, in a raw layout."""
    rng = np.random.default_rng(seed)
    luma = cv2.GaussianBlur(rng.integers(60, 200, (height, width)).astype(np.float32), (0, 0), 3.0)
    chroma = 128.0 + (cv2.GaussianBlur(rng.normal(0.0, 90.0, (height, width // 2, 2)).astype(np.float32), (0, 0), 3.0))
    luma, chroma = luma.round().astype(np.uint8), chroma.round().astype(np.uint8)
    if layout == "nv12":
        return np.concatenate([luma, chroma[::2].reshape(height // 2, width)])[:, :, None].copy()
    return np.ascontiguousarray(np.dstack([luma, chroma.reshape(height, width)]))


BOXES = np.array([[4, 6, 32, 32], [21, 9, 53, 60], [5.3, 3.7, 70.9, 66.1], [-9, -9, 300, 300], [30, 30, 9, 11]], "f4")


@pytest.mark.parametrize("layout", ["yuyv", "nv12"])
def test_raw_layouts_give_their_luma(layout):
    nv12, frame = layout == "nv12", raw(layout, 80, 96)
    out, expected = (np.full((len(BOXES), 24, 20, 1), UNTOUCHED, np.float32) for _ in range(2))
    crop_faces(frame, BOXES, out, 1.0, 0.0, nv12)
    crop_faces(np.ascontiguousarray(planes_of(frame, 1, nv12=nv12).astype(np.uint8)), BOXES, expected, 1.0, 0.0)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("layout", ["yuyv", "nv12"])
def test_raw_layouts_give_their_colours(layout):
    nv12, frame = layout == "nv12", raw(layout, 80, 96)
    out = np.full((len(BOXES), 24, 20, 3), UNTOUCHED, np.float32)
    crop_faces(frame, BOXES, out, 1.0, 0.0, nv12)
    colours = planes_of(frame, 3, nv12=nv12)
    for row, (x, y, w, h) in zip(out, BOXES.tolist(), strict=True):
        down, across = weights(y, h, 80, 24), weights(x, w, 96, 20)
        expected = np.einsum("yr,rcp,xc->yxp", down, colours, across)
        # NV12 shares its chroma between rows, which are interpolated before they are shared out.
        np.testing.assert_allclose(row, expected, atol=3.0 if nv12 else NEAR * 2)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 9, 255, 256, 257, 700])
def test_the_mean_of_any_number_of_rows_is_the_mean(rows):
    frame = np.concatenate([np.full((rows, 4, 3), 255, np.uint8), picture(rows, 4, 3)], axis=1)
    out = cropped(frame, (0.0, 0.0, 8.0, float(rows)), (1, 8, 1))
    np.testing.assert_allclose(out[0, :, 0], (frame @ GRAY).mean(axis=0), atol=NEAR)


def test_three_channels_come_as_red_green_blue():
    frame = np.full((8, 8, 3), (10, 20, 30), np.uint8)
    np.testing.assert_array_equal(cropped(frame, (0.0, 0.0, 8.0, 8.0), (1, 1, 3)).round(1), [[[30.0, 20.0, 10.0]]])


def test_shrinking_takes_the_mean_over_the_area():
    frame = picture(40, 40, 1)
    out = cropped(frame, (0.0, 0.0, 40.0, 40.0), (4, 5, 1))
    np.testing.assert_allclose(out[:, :, 0], frame[:, :, 0].reshape(4, 10, 5, 8).mean(axis=(1, 3)), atol=NEAR)


def test_growing_agrees_with_opencvs_bilinear():
    frame = picture(12, 9, 1)
    grown = cv2.resize(frame[:, :, 0].astype(np.float32), (27, 48), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(cropped(frame, (0.0, 0.0, 9.0, 12.0), (48, 27, 1))[:, :, 0], grown, atol=NEAR)


def test_each_axis_is_judged_by_itself():
    frame = picture(80, 10, 1)
    box = np.array([0.0, 0.0, 10.0, 80.0], np.float32)
    out = cropped(frame, tuple(box), (20, 20, 1))
    np.testing.assert_allclose(out, reference(frame, box, (20, 20, 1), 1.0, 0.0), atol=NEAR)


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
        ((9, 9, 4), (1, 4), (1, 8, 8, 1), "a frame has 1, 2 or 3 channels, not 4"),
        ((9, 9, 2), (1, 4), (1, 8, 8, 1), "YUYV has an even width, not 9"),
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
