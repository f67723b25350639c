"""The made scene is the same for everybody, and its faces are where it says they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.capture.source import SourceError
from emotiond.capture.synthetic import Parameters, Synthetic


def frames(**parameters):
    source = Synthetic(Parameters(**parameters))
    source.open()
    return [picture.pixels for picture in iter(source.read, None)]


def test_the_same_parameters_draw_the_same_pixels():
    scene = {"faces": 3, "width": 320, "height": 240, "face_pixels": 60, "frames": 4, "seed": 3}
    for one, other in zip(frames(**scene), frames(**scene), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_draws_another_scene():
    scene = {"faces": 3, "width": 320, "height": 240, "face_pixels": 60, "frames": 1}
    assert (frames(**scene, seed=1)[0] != frames(**scene, seed=2)[0]).any()


def test_size_length_rate_and_pixels_are_as_asked():
    source = Synthetic(Parameters(faces=2, width=161, height=97, face_pixels=40, rate=8.0, frames=5))
    source.open()
    pictures = list(iter(source.read, None))
    assert [picture.time_seconds for picture in pictures] == [0.0, 0.125, 0.25, 0.375, 0.5]
    assert {picture.pixels.shape for picture in pictures} == {(97, 161, 3)}
    assert all(picture.pixels.dtype == np.uint8 and picture.pixels.flags.c_contiguous for picture in pictures)


def test_the_true_boxes_hold_the_face_of_the_astronaut(astronaut, astronaut_face):
    x, y, side, _ = (int(edge) for edge in astronaut_face)
    face = cv2.resize(astronaut[y : y + side, x : x + side], (90, 90), interpolation=cv2.INTER_AREA)
    source = Synthetic(Parameters(faces=4, width=640, height=480, face_pixels=90, frames=3, rate=2.0))
    source.open()
    for picture in iter(source.read, None):
        for left, top, width, height in source.truth(picture.time_seconds).round().astype(int):
            assert (width, height) == (90, 90)
            found = picture.pixels[top : top + 90, left : left + 90]
            assert np.corrcoef(found.ravel(), face.ravel())[0, 1] > 0.95


def test_faces_move_and_stay_in_the_picture():
    source = Synthetic(Parameters(faces=5, width=1280, height=720))
    places = np.stack([source.truth(second) for second in range(20)])
    assert (np.ptp(places[:, :, :2], axis=0).max(axis=1) > 5.0).all()
    assert (places[:, :, 0] >= 0).all()
    assert (places[:, :, 0] + 96 <= 1280).all()


def test_a_room_without_faces_is_a_picture_all_the_same():
    (picture,) = frames(faces=0, width=32, height=16, frames=1)
    assert picture.shape == (16, 32, 3)
    assert Synthetic(Parameters(faces=0)).truth(0.0).shape == (0, 4)


def test_faces_larger_than_the_picture_are_cut_off():
    (picture,) = frames(faces=1, width=16, height=16, face_pixels=200, frames=1)
    assert picture.shape == (16, 16, 3)


def test_reading_a_scene_that_is_not_open_says_so():
    with pytest.raises(SourceError, match="not open"):
        Synthetic(Parameters()).read()
