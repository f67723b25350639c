"""Whatever the tracks do, each face that enters leaves exactly once, and says how its visit was spent."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond.mood.steady import Steadiness
from emotiond.mood.visits import Visits
from emotiond.records import EMOTIONS, Box, EventKind, Face, Reading, Track

STEADINESS = Steadiness(time_constant_seconds=0.6, change_margin=0.12, change_dwell_seconds=0.4, unknown_below=0.35)
SIZE_PIXELS = (640, 480)


def track(number):
    return Track(number, Face(Box(64.0, 48.0, 32.0, 48.0), 1.0), 0.0)


def reading(emotion, not_a_face=0.0):
    scores = np.full(7, 0.02, np.float32)
    scores[EMOTIONS.index(emotion)] = 0.88
    return Reading(scores, not_a_face)


def look(visits, numbers, seconds, emotion="happy", gone=(), not_a_face=0.0):
    readings = [reading(emotion, not_a_face) for _ in numbers]
    return visits.update([track(number) for number in numbers], readings, gone, SIZE_PIXELS, seconds)


@pytest.fixture
def visits():
    return Visits("hall", STEADINESS, reject_above=0.5)


def test_a_face_enters_once_with_its_place_and_mood(visits):
    faces, (event,) = look(visits, [5], 1.0)
    assert [(face.track, face.mood.emotion) for face in faces] == [(5, "happy")]
    assert (event.kind, event.camera, event.track, event.time_seconds) == (EventKind.ENTER, "hall", 5, 1.0)
    assert event.box == pytest.approx((0.1, 0.1, 0.05, 0.1))
    assert look(visits, [5], 1.1)[1] == []


def test_a_face_that_leaves_tells_how_long_and_how_it_was(visits):
    for step in range(11):
        look(visits, [5], step / 10)
    faces, (event,) = look(visits, [], 3.0, gone=[5])
    assert faces == []
    assert (event.kind, event.track, event.time_seconds) == (EventKind.LEAVE, 5, 1.0)
    assert event.duration_seconds == pytest.approx(1.0)
    assert event.shares == pytest.approx({"happy": 1.0})


def test_a_lasting_change_is_told_with_what_stood_before(visits):
    look(visits, [5], 0.0)
    events = [event for step in range(1, 40) for event in look(visits, [5], step / 10, "sad")[1]]
    assert [(event.kind, event.previous, event.mood.emotion) for event in events] == [
        (EventKind.CHANGE, "happy", "sad")
    ]
    (leave,) = visits.end()
    assert set(leave.shares) == {"happy", "sad"}
    assert sum(leave.shares.values()) == pytest.approx(1.0)


def test_what_is_no_face_does_not_enter(visits):
    assert look(visits, [5], 0.0, not_a_face=0.9) == ([], [])
    assert look(visits, [], 1.0, gone=[5])[1] == []


@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 4)),
            st.sets(st.integers(0, 6)),
            st.sampled_from(EMOTIONS),
            st.sampled_from((0.0, 0.9)),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_every_enter_has_exactly_one_leave(frames):
    visits = Visits("hall", STEADINESS, reject_above=0.5)
    events = []
    for step, (seen, gone, emotion, not_a_face, camera_lost) in enumerate(frames):
        events += look(visits, sorted(seen - gone), step / 10, emotion, sorted(gone), not_a_face)[1]
        if camera_lost:
            events += visits.end()
    events += visits.end()
    assert visits.end() == []
    inside = set()
    for event in events:
        if event.kind is EventKind.ENTER:
            assert event.track not in inside
            inside.add(event.track)
        else:
            assert event.track in inside
            assert event.duration_seconds >= 0.0
        if event.kind is EventKind.LEAVE:
            inside.remove(event.track)
            assert sum(event.shares.values()) == pytest.approx(1.0)
    assert inside == set()
    kinds = Counter(event.kind for event in events)
    assert kinds[EventKind.ENTER] == kinds[EventKind.LEAVE]
