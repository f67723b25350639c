"""Every enter has exactly one leave, whatever the tracks and the readings do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotiond.mood.steady import Steadiness
from emotiond.mood.visits import Manners, Visits
from emotiond.records import EMOTIONS, Box, Event, EventKind, Face, Reading, Track

SIZE = (640, 480)
FACE = Face(Box(64.0, 48.0, 64.0, 48.0), 1.0)
STEADINESS = Steadiness(0.2, 10.0, 0.5, 1.4, 0.3, 4.0, 1.0, 0.4, 0.05)
MANNERS = Manners(STEADINESS, enter_wait_seconds=0.5, reject_above=0.5)


def reading(emotion: str, *, not_a_face: float = 0.0, quality: float = 1.0) -> Reading:
    scores = np.full(7, 0.2 / 6.0, np.float32)
    scores[EMOTIONS.index(emotion)] = 0.8
    return Reading(scores, not_a_face, quality)


def look(visits: Visits, now: float, emotion: str, *, number: int = 1, not_a_face: float = 0.0) -> list[Event]:
    seen = [reading(emotion, not_a_face=not_a_face)]
    return visits.update([Track(number, FACE, 0.0)], seen, [], SIZE, now)[1]


def test_a_visit_is_told_from_enter_over_change_to_leave() -> None:
    visits = Visits("door", MANNERS)
    events: list[Event] = []
    for index in range(60):
        events += look(visits, index / 10.0, "happy" if index < 30 else "sad")
    events += visits.update([], [], [1], SIZE, 8.0)[1]
    assert [event.kind.value for event in events] == ["enter", "change", "leave"]
    enter, change, leave = events
    assert (enter.mood.emotion, change.previous, change.mood.emotion) == ("happy", "happy", "sad")
    assert leave.duration_seconds == pytest.approx(5.9 - enter.time_seconds)
    assert leave.time_seconds == pytest.approx(5.9)
    assert sum(leave.shares.values()) == pytest.approx(1.0)
    assert leave.shares["sad"] == pytest.approx((5.9 - change.time_seconds) / leave.duration_seconds, abs=0.02)
    assert leave.box == Box(0.1, 0.1, 0.1, 0.1)


def test_what_is_no_face_on_average_never_enters() -> None:
    visits = Visits("door", MANNERS)
    events = [event for index in range(30) for event in look(visits, index / 10.0, "happy", not_a_face=0.9)]
    assert events == []
    assert visits.end() == []


def test_a_face_in_doubt_enters_after_the_wait() -> None:
    visits = Visits("door", MANNERS)
    events = []
    for index in range(10):
        events += look(visits, index / 10.0, "happy" if index % 2 else "sad")
    assert [event.kind.value for event in events][:1] == ["enter"]
    assert events[0].time_seconds <= 0.5 + 1e-9


def test_a_hidden_face_keeps_its_mood_and_counts_less_and_less() -> None:
    visits = Visits("door", MANNERS)
    for index in range(20):
        faces, _ = visits.update([Track(1, FACE, 0.0)], [reading("happy")], [], SIZE, index / 10.0)
        assert visits.hidden(index / 10.0) == []
    assert visits.update([], [], [], SIZE, 2.0) == ([], [])
    (now,), (later,) = visits.hidden(2.0), visits.hidden(3.0)
    assert now.mood.emotion == "happy"
    assert 0.0 < later.weight < 0.5 * now.weight < now.weight < faces[0].weight
    visits.update([], [], [1], SIZE, 4.0)
    assert visits.hidden(4.0) == []


def test_who_was_seen_for_long_is_remembered_for_longer() -> None:
    visits = Visits("door", MANNERS)
    for index in range(60):
        numbers = [1, 2] if index >= 50 else [1]
        tracks = [Track(number, FACE, 0.0) for number in numbers]
        visits.update(tracks, [reading("happy") for _ in numbers], [], SIZE, index / 10.0)
    first, second = sorted(visits.hidden(6.9), key=lambda face: face.track or 0)
    assert second.weight < 0.5 * first.weight


steps = st.tuples(
    st.floats(-0.2, 3.0),
    st.sets(st.integers(1, 5)),
    st.sets(st.integers(1, 5)),
    st.sampled_from(EMOTIONS),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=40))
def test_enter_and_leave_are_paired_and_in_order(
    story: list[tuple[float, set[int], set[int], str, float, float, bool]],
) -> None:
    visits = Visits("door", MANNERS)
    events: list[Event] = []
    now, over = 0.0, set()
    for step, here, leaving, emotion, not_a_face, quality, away in story:
        now += step
        gone = leaving - here
        # A number that has gone is never used again.
        tracks = [Track(number, FACE, 0.0, found=quality > 0.1) for number in sorted(here - over)]
        seen = [reading(emotion, not_a_face=not_a_face, quality=quality) if quality > 0.2 else None for _ in tracks]
        faces, told = visits.update(tracks, seen, sorted(gone), SIZE, now)
        over |= gone
        events += told
        entered = {event.track for event in events if event.kind is EventKind.ENTER}
        assert {face.track for face in faces} <= entered
        if away:
            events += visits.end()
            over |= here
    events += visits.end()
    told_of: dict[int, list[str]] = {}
    for event in events:
        told_of.setdefault(event.track, []).append(event.kind.value)
        if event.kind is EventKind.LEAVE:
            assert sum(event.shares.values()) == pytest.approx(1.0)
            assert event.duration_seconds >= 0.0
        if event.kind is EventKind.CHANGE:
            assert event.previous != event.mood.emotion
    for kinds in told_of.values():
        assert Counter(kinds)["enter"] == Counter(kinds)["leave"] == 1
        assert kinds[0] == "enter"
        assert kinds[-1] == "leave"
    assert visits.end() == []


def test_visits_with_other_manners_go_on_with_the_visits_of_others() -> None:
    before = Visits("door", MANNERS)
    events = [event for index in range(20) for event in look(before, index / 10.0, "happy")]
    after = Visits("door", Manners(STEADINESS, enter_wait_seconds=2.0, reject_above=0.2))
    after.take_over(before)
    events += [event for index in range(20, 60) for event in look(after, index / 10.0, "sad")]
    events += look(after, 6.0, "sad", number=2)
    events += after.end()
    assert [event.kind.value for event in events] == ["enter", "change", "leave"]
    enter, change, leave = events
    assert leave.duration_seconds == pytest.approx(leave.time_seconds - enter.time_seconds)
    assert (change.previous, change.mood.emotion) == ("happy", "sad")
    assert sum(leave.shares.values()) == pytest.approx(1.0)
