"""Who a newcomer is, is asked of all at once who are lost or in doubt."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotiond.vision.motion import Motion
from emotiond.vision.reunion import reunite
from emotiond.vision.state import Floats
from tests.vision.crowd import SIZE, face, make_tracker

NOBODY = np.zeros(0, np.intp)
WALKER, SEAT, NEWCOMER = 0, 1, 2


def boxes(*places: float) -> Floats:
    return np.array([[x - 30.0, 270.0, 60.0, 60.0] for x in places]).reshape(-1, 4)


def rows(*which: int) -> NDArray[np.intp]:
    return np.array(which, np.intp)


@pytest.mark.parametrize(("speed", "same"), [(0.0, [(0, 1)]), (-160.0, [])])
def test_only_the_edge_of_the_picture_brings_somebody_new(speed: float, same: list[tuple[int, int]]) -> None:
    motion = Motion(1.5)
    motion.add(boxes(1000.0))
    for _ in range(20):
        motion.advance(0.1)
        motion.correct(rows(0), boxes(1000.0), SIZE)
    # Hidden for three seconds; then somebody is there two faces to the right, who sits or comes walking in.
    motion.advance(3.0)
    motion.add(boxes(1132.0 - 0.2 * speed))
    for index in range(1, 3):
        motion.advance(0.1)
        motion.correct(rows(1), boxes(1132.0 + (0.1 * index - 0.2) * speed), SIZE)
    moves = reunite(motion, motion, NOBODY, rows(0), rows(1), SIZE)
    assert list(zip(moves.rows.tolist(), moves.places.tolist(), strict=True)) == same
    assert moves.over.tolist() == [other for _, other in same]


@pytest.mark.parametrize("paces", [True, False])
def test_who_walks_where_somebody_sat_still_is_somebody_else(paces: bool) -> None:
    motion = Motion(1.5)
    motion.add(boxes(640.0))
    for index in range(200):
        motion.advance(0.1)
        motion.correct(rows(0), boxes(640.0 + 60.0 * paces * np.sin(0.2 * index)), SIZE)
    motion.advance(1.5)
    motion.add(boxes(640.0))
    for index in range(1, 3):
        motion.advance(0.1)
        motion.correct(rows(1), boxes(640.0 + 15.0 * index), SIZE)
    moves = reunite(motion, motion, NOBODY, rows(0), rows(1), SIZE)
    assert moves.rows.tolist() == [0] * paces


@pytest.mark.parametrize("in_doubt", [True, False])
def test_where_a_walker_has_taken_a_seat_three_are_put_right_at_once(in_doubt: bool) -> None:
    def walked(seconds: float) -> float:
        return 400.0 + 100.0 * seconds

    motion, before = Motion(1.5), Motion(1.5)
    for both in (motion, before):
        both.add(boxes(walked(0.0), 640.0))
        for index in range(1, 24):
            both.advance(0.1)
            both.correct(rows(WALKER), boxes(walked(0.1 * index)), SIZE)
            # The seat is hidden for the last second.
            both.correct(rows(SEAT)[: index < 14], boxes(640.0)[: index < 14], SIZE)
    motion.add(boxes(walked(2.4)))
    for index in range(24, 28):
        motion.advance(0.1)
        before.advance(0.1)
        motion.correct(rows(WALKER, NEWCOMER), boxes(640.0, walked(0.1 * index)), SIZE)
    doubtful = rows(WALKER) if in_doubt else NOBODY
    moves = reunite(motion, before, doubtful, rows(SEAT), rows(NEWCOMER), SIZE)
    put_right = {WALKER: NEWCOMER, SEAT: WALKER}
    assert (dict(zip(moves.rows.tolist(), moves.places.tolist(), strict=True)) == put_right) is in_doubt


places = st.lists(st.floats(100.0, 500.0), max_size=4)


@given(places, places, places, st.randoms())
def test_everybody_in_sight_is_somebody_and_nobody_twice(
    doubtful: list[float], lost: list[float], come: list[float], chance: Random
) -> None:
    count = len(doubtful) + len(lost) + len(come)
    motion, before = Motion(1.5), Motion(1.5)
    for both in (motion, before):
        both.add(boxes(*doubtful, *lost, *come))
        both.advance(1.0)
    motion.correct(np.arange(count), boxes(*(chance.uniform(100.0, 500.0) for _ in range(count))), SIZE)
    in_doubt, gone, new = np.split(np.arange(count), [len(doubtful), len(doubtful) + len(lost)])
    moves = reunite(motion, before, in_doubt, gone, new, SIZE)
    went = dict(enumerate(range(count))) | dict(zip(moves.rows.tolist(), moves.places.tolist(), strict=True))
    held = [place for row, place in went.items() if row not in moves.over and place not in gone]
    assert sorted(held) == [*in_doubt, *new]
    assert set(moves.over.tolist()) <= set(new.tolist())


def test_what_is_no_face_is_not_found_again_at_the_other_end_of_the_picture() -> None:
    tracker = make_tracker()
    for index in range(2):
        tracker.update([face(200.0)], SIZE, index / 10.0)
    seen = [len(tracker.update([face(1000.0)], SIZE, index / 10.0).seen) for index in range(2, 5)]
    assert seen == [0, 0, 1]


def test_a_small_face_that_is_told_of_between_two_sweeps_has_its_leave() -> None:
    tracker = make_tracker()
    told, gone = set[int](), set[int]()
    for index in range(60):
        # He is lost after a second; she comes beside him, and only the first looks at her are sweeps.
        faces = [face(600.0, side=20.0)] if index < 10 else [face(640.0, side=20.0)] if 12 <= index < 15 else []
        tracked = tracker.update(faces, SIZE, index / 10.0, reach_pixels=0.0 if index < 15 else 30.0)
        told.update(track.number for track in tracked.seen)
        gone.update(tracked.gone)
    for index in range(60, 120):
        gone.update(tracker.update([], SIZE, index / 10.0).gone)
    assert told == gone == {1, 2}
