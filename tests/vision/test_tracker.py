"""A track is one face for as long as it is in sight, and never another one afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotiond.records import Face
from emotiond.vision.tracker import Tracked
from tests.vision.crowd import SIZE, face, make_tracker


def numbers(tracked: Tracked) -> list[int]:
    return [track.number for track in tracked.seen]


def test_a_track_counts_from_its_third_detection_on() -> None:
    tracker = make_tracker()
    seen = [numbers(tracker.update([face(300.0)], SIZE, n / 10.0)) for n in range(4)]
    assert seen == [[], [], [1], [1]]


@pytest.mark.parametrize(("rate", "every"), [(2.0, 1), (5.0, 1), (10.0, 2), (30.0, 5)])
def test_a_walker_stays_one_track_at_every_rate(rate: float, every: int) -> None:
    tracker = make_tracker()
    followed: set[int] = set()
    # Two widths of a face per second: at two frames per second no box overlaps the next.
    for index in range(round(8.0 * rate)):
        now = index / rate
        x = 100.0 + 120.0 * now
        tracked = tracker.update([face(x)], SIZE, now) if index % every == 0 else tracker.carry(SIZE, now)
        followed.update(numbers(tracked))
        if index > 4 * every:
            assert abs(tracked.seen[0].face.box.x + 30.0 - x) < 15.0
    assert len(followed) == 1


def test_faces_that_cross_keep_their_tracks() -> None:
    tracker = make_tracker()
    last: dict[str, int] = {}
    for index in range(60):
        now = index / 15.0
        right, left = face(200.0 + 150.0 * now, 300.0, 60.0), face(800.0 - 150.0 * now, 306.0, 66.0)
        hidden = abs(right.box.x - left.box.x) < 40.0
        tracked = tracker.update([left] if hidden else [right, left], SIZE, now)
        for name, one in (("right", right), ("left", left)):
            on = [track.number for track in tracked.seen if track.face is one]
            if on:
                assert last.setdefault(name, on[0]) == on[0]
    assert len(set(last.values())) == 2


def test_a_face_hidden_for_ten_frames_keeps_its_track() -> None:
    tracker = make_tracker()
    seen = [numbers(tracker.update([] if 20 <= n < 30 else [face(300.0)], SIZE, n / 10.0)) for n in range(45)]
    assert seen[19] == [1]
    assert seen[29] == []
    assert seen[44] == [1]


def test_who_sways_near_the_edge_is_not_taken_for_gone_while_hidden() -> None:
    tracker = make_tracker()
    seen: set[int] = set()
    for index in range(180):
        now = index / 3.0
        y = 90.0 + 27.0 * np.sin(2.4 * now)
        hidden = index % 20 in range(14, 20)
        tracked = tracker.update([] if hidden else [face(640.0, y, 46.0)], SIZE, now)
        seen.update(numbers(tracked))
        assert not tracked.gone
    assert len(seen) == 1


def test_who_walks_past_a_hidden_face_does_not_take_its_track() -> None:
    tracker = make_tracker()
    walker: set[int] = set()
    for index in range(60):
        now = index / 10.0
        x = 40.0 + 200.0 * now
        passing = face(x, 300.0, 64.0)
        sitting = [] if abs(x - 600.0) < 80.0 else [face(600.0, 300.0, 60.0)]
        tracked = tracker.update([*sitting, passing], SIZE, now)
        walker.update(track.number for track in tracked.seen if track.face is passing)
    assert len(walker) == 1
    assert [track.number for track in tracked.seen if track.face in sitting] == [1]


@pytest.mark.parametrize("rate", [3.0, 10.0])
@pytest.mark.parametrize("sat_seconds", [0.0, 4.0])
def test_who_walks_up_to_the_camera_stays_one_track(rate: float, sat_seconds: float) -> None:
    tracker = make_tracker()
    seen: set[int] = set()
    for index in range(round((sat_seconds + 4.0) * rate)):
        now = index / rate
        # From four metres to two and a half in a second.
        side = 40.0 * np.exp(0.5 * max(now - sat_seconds, 0.0))
        seen.update(numbers(tracker.update([face(640.0, side=side)], SIZE, now)))
    assert len(seen) == 1


def test_a_knocked_camera_breaks_no_track() -> None:
    tracker = make_tracker()
    places = [200.0, 500.0, 800.0, 1100.0]
    for index in range(30):
        knock = 45.0 if index % 2 else 0.0
        tracked = tracker.update([face(x + knock, 300.0 + knock) for x in places], SIZE, index / 10.0)
    assert numbers(tracked) == [1, 2, 3, 4]


def test_a_weak_detection_continues_a_track_and_begins_none() -> None:
    tracker = make_tracker(sure_score=0.5)
    for index in range(5):
        tracker.update([face(300.0, score=0.9)], SIZE, index / 10.0)
    for index in range(5, 30):
        tracked = tracker.update([face(300.0, score=0.2), face(900.0, score=0.2)], SIZE, index / 10.0)
    assert numbers(tracked) == [1]
    assert tracked.seen[0].found


def test_who_comes_back_after_too_long_is_somebody_new() -> None:
    tracker = make_tracker()
    for index in range(5):
        tracker.update([face(300.0)], SIZE, index / 10.0)
    gone = tracker.update([face(300.0)], SIZE, 10.0).gone
    assert gone == [1]
    again = [tracker.update([face(300.0)], SIZE, 10.0 + index / 10.0) for index in range(1, 4)]
    assert numbers(again[-1]) == [2]


def test_a_face_on_its_way_out_leaves_sooner() -> None:
    tracker = make_tracker()
    for index in range(20):
        tracker.update([face(1240.0 - 300.0 * (1.9 - index / 10.0))], SIZE, index / 10.0)
    gone = [tracker.update([], SIZE, 2.0 + index / 10.0).gone for index in range(15)]
    assert [1] in gone


boxes = st.builds(
    face,
    st.floats(-50.0, 1330.0),
    st.floats(-50.0, 770.0),
    st.floats(1.0, 400.0),
    st.floats(0.0, 1.0),
)


def test_who_comes_in_where_another_went_out_is_somebody_new() -> None:
    tracker = make_tracker()
    went, came = set[int](), set[int]()
    for index in range(80):
        now = index / 10.0
        # One and a half widths a second, out of the picture at 4.5 s; the other comes at 4.9 s, as fast.
        leaver, comer = 860.0 + 90.0 * now, 1705.0 - 90.0 * now
        faces = [face(leaver)] if leaver < 1265.0 else [face(comer)] if comer < 1265.0 else []
        (went if leaver < 1265.0 else came).update(numbers(tracker.update(faces, SIZE, now)))
    assert len(went) == 1
    assert len(came - went) == 1
    assert numbers(tracker.carry(SIZE, 8.0)) == [max(came)] != [max(went)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.5, 6.0), st.one_of(st.none(), st.lists(boxes, max_size=6))), max_size=40),
    st.integers(1, 3),
)
def test_whatever_happens_numbers_stay_distinct_and_the_gone_stay_away(
    story: list[tuple[float, list[Face] | None]], confirm: int
) -> None:
    tracker = make_tracker(sure_score=0.3, confirm_detections=confirm, first_number=7)
    now, ever, gone = 0.0, set(), set()
    for step, faces in story:
        now += step
        tracked = tracker.carry(SIZE, now) if faces is None else tracker.update(faces, SIZE, now)
        seen = numbers(tracked)
        ever.update(seen)
        assert len(seen) == len(set(seen))
        assert len(tracked.gone) == len(set(tracked.gone))
        assert gone.isdisjoint(seen)
        assert gone.isdisjoint(tracked.gone)
        assert min(seen, default=7) >= 7
        assert all(np.isfinite(track.face.box).all() for track in tracked.seen)
        gone.update(tracked.gone)
    tracker.reset()
    assert not tracker.carry(SIZE, now).seen
    later = [numbers(tracker.update([face(640.0)], SIZE, now + index / 10.0)) for index in range(confirm)]
    assert ever.isdisjoint(later[-1])


@pytest.mark.parametrize("confirm_detections", [1, 3, 20])
def test_a_tracker_with_other_settings_goes_on_with_the_tracks_of_another(confirm_detections: int) -> None:
    before = make_tracker(first_number=7)
    for n in range(5):
        tracked = before.update([face(300.0), face(600.0)], SIZE, n / 10.0)
    assert numbers(tracked) == [7, 8]
    after = make_tracker(confirm_detections=confirm_detections)
    after.take_over(before)
    assert numbers(after.update([face(300.0)], SIZE, 0.5)) == [7, 8]
    # Whoever counted is missed when it goes, whatever it would take to count now.
    gone = [number for n in range(6, 60) for number in after.update([face(300.0)], SIZE, n / 10.0).gone]
    assert gone == [8]
    newcomer = [numbers(after.update([face(300.0), face(900.0)], SIZE, 6.0 + n / 10.0)) for n in range(25)]
    assert newcomer[-1] == [7, 9]


def test_a_face_that_only_a_sweep_can_find_is_not_missed_in_between() -> None:
    tracker = make_tracker()
    small, large = face(900.0, 100.0, 14.0), face(300.0)
    for index in range(60):
        now = index / 5.0
        sweep = index % 10 == 0
        tracked = tracker.update([large, small] if sweep else [large], SIZE, now, reach_pixels=0.0 if sweep else 20.0)
    assert numbers(tracked) == [1, 2]
    assert all(track.found for track in tracked.seen)
    # Gone from the next sweeps, it leaves in its time.
    gone = [tracker.update([large], SIZE, 12.0 + n / 5.0, reach_pixels=20.0 * (n % 10 > 0)).gone for n in range(30)]
    assert [number for numbers_gone in gone for number in numbers_gone] == [2]


def test_a_face_within_reach_is_missed_as_ever() -> None:
    tracker = make_tracker()
    for index in range(4):
        tracker.update([face(300.0)], SIZE, index / 10.0, reach_pixels=20.0)
    assert not tracker.update([], SIZE, 0.4, reach_pixels=20.0).seen[0].found
