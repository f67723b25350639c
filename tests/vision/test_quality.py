"""What cannot be read is not guessed at: too small, too blurred, half outside."""

from __future__ import annotations

import cv2
import numpy as np

from emotiond.records import Box
from emotiond.vision.quality import EVERYTHING, Eyesight, sharpness

EYESIGHT = Eyesight(
    min_face_pixels=12.0, full_face_pixels=32.0, min_visible_share=0.6, min_sharpness=0.014, full_sharpness=0.1
)


def test_a_large_face_inside_the_picture_counts_fully() -> None:
    assert EYESIGHT.of_boxes([Box(10.0, 10.0, 40.0, 40.0)], (640, 480)).tolist() == [1.0]


def test_small_outside_and_empty_boxes_are_not_read() -> None:
    boxes = [
        Box(10.0, 10.0, 8.0, 8.0),
        Box(-30.0, 10.0, 60.0, 60.0),
        Box(700.0, 0.0, 50.0, 50.0),
        Box(5.0, 5.0, 0.0, 0.0),
    ]
    assert EYESIGHT.of_boxes(boxes, (640, 480)).tolist() == [0.0, 0.0, 0.0, 0.0]


def test_a_smaller_face_counts_less() -> None:
    small, large = EYESIGHT.of_boxes([Box(0.0, 0.0, 16.0, 16.0), Box(0.0, 0.0, 24.0, 24.0)], (640, 480))
    assert 0.0 < small < large < 1.0


def test_blur_takes_sharpness_away_and_brightness_does_not() -> None:
    rng = np.random.default_rng(3)
    crop = cv2.GaussianBlur(rng.random((48, 48)).astype(np.float32), (0, 0), 0.8)
    series = [crop, *(cv2.GaussianBlur(crop, (0, 0), sigma) for sigma in (1.0, 2.0, 4.0)), 0.2 + 0.3 * crop]
    sharp = sharpness(np.stack(series)[:, :, :, None])
    assert sharp[0] > sharp[1] > sharp[2] > sharp[3]
    np.testing.assert_allclose(sharp[4], sharp[0], rtol=1e-4)


def test_an_even_surface_has_no_sharpness_and_is_not_read() -> None:
    sharp = sharpness(np.full((1, 48, 48, 1), 0.5, np.float32))
    assert sharp.tolist() == [0.0]
    assert EYESIGHT.of_crops(sharp).tolist() == [0.0]


def test_everything_reads_everything() -> None:
    assert EVERYTHING.of_boxes([Box(0.0, 0.0, 5.0, 5.0)], (640, 480)).tolist() == [1.0]
    assert EVERYTHING.of_crops(np.zeros(1)).tolist() == [1.0]
