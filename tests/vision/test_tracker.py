"""A face that moves keeps its number, two faces keep two, and numbers are never used again."""

from __future__ import annotations

import pytest

from emotiond.records import Box, Face
from emotiond.vision.tracker import Tracker

STEP_SECONDS = 0.1


@pytest.fixture
def tracker():
    return Tracker(min_overlap=0.3, confirm_detections=3, lost_seconds=1.0, first_number=7)


def face(x, y=100.0):
    return Face(Box(float(x), float(y), 50.0, 50.0), 1.0)


def numbers(tracked):
    return [track.number for track in tracked.seen]


def walk(tracker, frames, start=0):
    """Show one list of faces after the other; return what the last one gave."""
    tracked = None
    for index, faces in enumerate(frames, start):
        tracked = tracker.update(faces, index * STEP_SECONDS)
    return tracked


def test_a_face_counts_once_it_was_seen_often_enough(tracker):
    assert numbers(walk(tracker, [[face(0)], [face(2)]])) == []
    assert numbers(walk(tracker, [[face(4)]], start=2)) == [7]


def test_a_face_that_moves_keeps_its_number(tracker):
    assert numbers(walk(tracker, [[face(5 * index)] for index in range(30)])) == [7]


def test_two_faces_keep_their_numbers_whatever_their_order(tracker):
    frames = [[face(0), face(200)] if index % 2 else [face(200), face(0)] for index in range(9)]
    tracked = walk(tracker, frames)
    assert len(set(numbers(tracked))) == 2
    places = {track.number: track.face.box.x for track in tracked.seen}
    again = {track.number: track.face.box.x for track in walk(tracker, [[face(200), face(0)]], start=9).seen}
    assert places == again


def test_a_face_that_stays_away_is_gone_once(tracker):
    walk(tracker, [[face(0)]] * 4)
    assert tracker.update([], 1.2).gone == []
    assert tracker.update([], 2.0).gone == [7]
    assert tracker.update([], 3.0).gone == []


def test_a_face_that_is_missed_for_a_moment_keeps_its_number(tracker):
    walk(tracker, [[face(0)]] * 4)
    tracker.update([], 0.5)
    assert numbers(tracker.update([face(3)], 0.8)) == [7]


def test_a_number_is_never_used_again(tracker):
    walk(tracker, [[face(0)]] * 4)
    tracker.update([], 5.0)
    first_seen = numbers(walk(tracker, [[face(0)]] * 4, start=60))
    tracker.reset()
    second_seen = numbers(walk(tracker, [[face(0)]] * 4, start=80))
    assert len({7, *first_seen, *second_seen}) == 3
