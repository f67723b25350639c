"""The mood of the room is the average over all its faces, whoever leads among them."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.mood.room import room_mood
from emotiond.records import Box, Face, FaceMood, Mood


def face(scores, *, rejected=False):
    values = np.array(scores, np.float32)
    return FaceMood(Face(Box(0.0, 0.0, 9.0, 9.0), 1.0), Mood("happy", 0.5, values), 1, rejected)


def test_the_average_is_over_all_faces():
    room = room_mood([face([0.6, 0, 0, 0.4, 0, 0, 0]), face([0, 0, 0, 0.4, 0, 0, 0.6]), face([0, 0, 0, 1, 0, 0, 0])])
    assert room.faces == 3
    assert room.mood is not None
    np.testing.assert_allclose(room.mood.scores, [0.2, 0, 0, 0.6, 0, 0, 0.2], atol=1e-6)
    assert room.mood.emotion == "happy"
    assert room.mood.confidence == pytest.approx(0.6)


def test_what_was_rejected_does_not_count():
    room = room_mood([face([1, 0, 0, 0, 0, 0, 0]), face([0, 0, 0, 0, 0, 0, 1], rejected=True)])
    assert room.faces == 1
    assert room.mood is not None
    assert room.mood.emotion == "angry"


@pytest.mark.parametrize("faces", [[], [face([1, 0, 0, 0, 0, 0, 0], rejected=True)]])
def test_an_empty_room_has_no_mood(faces):
    room = room_mood(faces)
    assert (room.faces, room.mood) == (0, None)
