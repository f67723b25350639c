"""Who is read: never more than there is time for, nobody starves, and a still face is read at the floor rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.records import Box
from emotiond.vision.agenda import DOUBT_WEIGHT, HEAD_START_SECONDS, Agenda, Wish

STEP = 0.04
doubts = st.floats(0.0, 1.0)


def box(x: float = 0.0) -> Box:
    return Box(x, 0.0, 50.0, 50.0)


@st.composite
def rooms(draw):
    """Every frame's wishes: who is there, how sure, and how far it has moved."""
    faces = draw(st.integers(1, 12))
    seats = st.lists(
        st.tuples(doubts, st.floats(-500.0, 500.0), st.sampled_from((True, True, True, False))),
        min_size=faces,
        max_size=faces,
    )
    frames = draw(st.lists(seats, min_size=1, max_size=6))
    return [[Wish(number, box(x), doubt) for number, (doubt, x, here) in enumerate(frame) if here] for frame in frames]


@given(rooms(), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_never_more_are_read_than_affordable_and_nobody_twice(room, affordable):
    agenda = Agenda(3.0)
    for index in range(20):
        wishes, limit = room[index % len(room)], affordable[index % len(affordable)]
        chosen = agenda.choose(wishes, limit, index * STEP)
        assert chosen == sorted(set(chosen))
        assert len(chosen) <= limit


@given(st.lists(doubts, min_size=1, max_size=24), st.integers(1, 6), st.floats(0.5, 30.0), st.booleans())
def test_nobody_starves(room, affordable, floor_hz, moving):
    agenda = Agenda(floor_hz)
    # Until the next turn: everybody's turn by age and doubt, or the floor's own time.
    longest = 2.0 * len(room) * (2.0 + DOUBT_WEIGHT) / affordable * STEP + HEAD_START_SECONDS + 1.0 / floor_hz
    read = dict.fromkeys(range(len(room)), 0.0)
    for index in range(int(3.0 * longest / STEP) + 2):
        now = index * STEP
        wishes = [Wish(number, box(90.0 * index * moving), doubt) for number, doubt in enumerate(room)]
        for place in agenda.choose(wishes, affordable, now):
            read[place] = now
        assert now - min(read.values()) <= longest + STEP


@given(st.lists(doubts, min_size=1, max_size=10), st.floats(0.5, 20.0))
def test_who_keeps_still_is_read_at_the_floor_rate_where_there_is_time(room, floor_hz):
    agenda = Agenda(floor_hz)
    counts = [0] * len(room)
    frames = 250
    for index in range(frames):
        for place in agenda.choose([Wish(n, box(), doubt) for n, doubt in enumerate(room)], len(room), index * STEP):
            counts[place] += 1
    assert min(counts) >= int(frames * STEP * floor_hz)


def test_who_is_sure_and_still_costs_no_more_than_the_floor():
    agenda = Agenda(3.0)
    counts = [len(agenda.choose([Wish(1, box(), 0.05)], 1, index / 30.0)) for index in range(300)]
    assert 30 <= sum(counts) <= 34


@pytest.mark.parametrize(("x", "doubt"), [(8.0, 0.05), (0.0, 0.9)])
def test_who_moves_or_is_in_doubt_is_read_as_often_as_there_is_time(x, doubt):
    agenda = Agenda(3.0)
    counts = [len(agenda.choose([Wish(1, box(x * index), doubt)], 1, index / 30.0)) for index in range(30)]
    assert sum(counts) == 30


@given(st.lists(doubts, min_size=1, max_size=6), st.sampled_from((5.0, 8.0, 10.0)))
def test_nobody_is_read_more_often_than_the_ceiling(room, ceiling_hz):
    agenda = Agenda(3.0, ceiling_hz)
    counts = [0] * len(room)
    for index in range(300):
        wishes = [Wish(number, box(90.0 * index), doubt) for number, doubt in enumerate(room)]
        for place in agenda.choose(wishes, len(room), index * STEP):
            counts[place] += 1
    # To the nearest frame.
    assert max(counts) <= 300 * STEP / (1.0 / ceiling_hz - STEP / 2.0) + 1
    assert min(counts) >= 300 * STEP / (1.0 / ceiling_hz + STEP / 2.0) - 1


def test_doubt_comes_first_and_a_newcomer_before_it():
    agenda = Agenda(3.0)
    wishes = [Wish(1, box(), 0.0), Wish(2, box(), 0.9)]
    assert agenda.choose(wishes, 2, 0.0) == [0, 1]
    moved = [Wish(1, box(60.0), 0.0), Wish(2, box(60.0), 0.9)]
    assert agenda.choose(moved, 1, 0.1) == [1]
    assert agenda.choose([*moved, Wish(3, box(), 1.0)], 1, 0.2) == [2]


def test_a_clock_that_goes_back_harms_nobody():
    agenda = Agenda(3.0)
    assert agenda.choose([Wish(1, box(), 1.0)], 1, 5.0) == [0]
    assert agenda.choose([Wish(1, box(), 1.0)], 1, 1.0) == [0]
