"""Who was taken for somebody else is put right as soon as both are in sight."""

from __future__ import annotations

import math
from functools import partial

import pytest

from tests.vision import crowd
from tests.vision.crowd import SIZE, make_tracker

RATE = 10.0
face = partial(crowd.face, side=50.0)


@pytest.mark.parametrize("missed", [[], [10]])
def test_a_walker_who_was_taken_for_a_hidden_face_gives_its_track_back(missed: list[int]) -> None:
    tracker = make_tracker()
    sits, walks, gone = face(600.0), set[int](), list[int]()
    taken = False
    for index in range(70):
        now = index / RATE
        # He comes into sight where she is hidden, from 3.0 to 4.0 s; nobody has seen him before.
        walker = face(540.0 + 80.0 * (now - 2.5), side=52.0)
        faces = [sits] if now < 3.0 else [walker] if now < 4.0 else [sits, walker]
        # That she was missed for a moment is forgotten over the longer absence.
        if 2.5 <= now < 3.0 or index in missed:
            faces = []
        tracked = tracker.update(faces, SIZE, now)
        gone += tracked.gone
        taken = taken or any(track.number == 1 and track.face is walker for track in tracked.seen)
        if now > 4.5:
            walks.update(track.number for track in tracked.seen if track.face is walker)
            assert [track.number for track in tracked.seen if track.face is sits] == [1]
    assert taken, "else this test shows nothing"
    assert len(walks) == 1
    assert not gone


def test_who_stays_where_he_was_found_again_keeps_his_track_when_somebody_comes() -> None:
    tracker = make_tracker()
    for index in range(80):
        now = index / RATE
        faces = [] if 2.0 <= now < 3.0 else [face(600.0)]
        if now >= 3.5:
            faces.append(face(660.0))
        tracked = tracker.update(faces, SIZE, now)
    assert min((track.number, track.face.box.x) for track in tracked.seen) == (1, 575.0)
    assert len(tracked.seen) == 2


def test_a_walker_who_is_hidden_on_his_way_out_has_left_when_the_next_one_comes() -> None:
    tracker = make_tracker()
    gone = list[int]()
    for index in range(30):
        now = index / 5.0
        # Three widths a second; last seen 2.4 s from the edge.
        gone += tracker.update([face(380.0 + 150.0 * now)] if now <= 3.6 else [], SIZE, now).gone
    assert not gone
    for index in range(30, 40):
        gone += tracker.carry(SIZE, index / 5.0).gone
    assert gone == [1]


def test_who_sways_near_the_edge_and_is_hidden_as_long_has_not_left() -> None:
    tracker = make_tracker()
    for index in range(27):
        # One and a half widths a second towards the edge where he is seen last, which is two widths away.
        tracker.update([face(1180.0 + 30.0 * math.sin(2.4 * index / RATE))], SIZE, index / RATE)
    for index in range(27, 60):
        assert not tracker.update([], SIZE, index / RATE).gone
