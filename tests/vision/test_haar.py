"""The cascade finds the faces that are there, in gray and in colour, and nothing where there is nothing to find."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.vision.association import overlaps
from emotiond.vision.haar import Haar


@pytest.fixture(scope="module")
def haar():
    return Haar(scale_factor=1.1, neighbours=5, min_face_pixels=24)


def overlap(face, box):
    return overlaps(np.array([face.box]), np.array([box]))[0, 0]


def test_a_face_is_found_where_it_is(haar, astronaut, astronaut_face, frame_of):
    best = max(haar.detect(frame_of(astronaut)), key=lambda face: face.score)
    assert overlap(best, astronaut_face) > 0.5
    assert best.score > 0.0


def test_gray_and_colour_give_the_same_faces(haar, astronaut, frame_of):
    gray = cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)[:, :, None]
    assert haar.detect(frame_of(gray)) == haar.detect(frame_of(astronaut))


def test_every_face_of_a_made_room_is_found(haar, frame_of):
    room = Synthetic(Parameters(faces=6, width=960, height=540, face_pixels=90, frames=1))
    room.open()
    found = haar.detect(frame_of(room.read().pixels))
    for truth in room.truth(0.0):
        assert max(overlap(face, truth) for face in found) > 0.4


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1, 1), (23, 500, 3), (200, 200, 3), (200, 200, 1)])
def test_a_picture_without_a_face_has_none(haar, frame_of, shape):
    assert haar.detect(frame_of(np.full(shape, 127, np.uint8))) == []


def test_faces_below_the_smallest_are_left_out(astronaut, frame_of):
    picky = Haar(scale_factor=1.1, neighbours=5, min_face_pixels=200)
    assert picky.detect(frame_of(astronaut)) == []
