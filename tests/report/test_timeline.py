"""Seconds become columns: sources in a row, times of day with their gaps, never more columns than a picture has dots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from emotiond.records import EMOTIONS
from emotiond.report.second import ReportError, Second
from emotiond.report.timeline import MOST_COLUMNS, timeline_of

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def shares_of(emotion):
    return tuple(float(name == emotion) for name in EMOTIONS)


def at(second, emotion="happy", source="desk", faces=1.0):
    time = (NINE + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Second(source, second, faces, shares_of(emotion) if emotion else None, time)


def test_files_follow_each_other_and_say_where_they_begin():
    seconds = [Second("a.mp4", n, 1.0, shares_of("happy")) for n in range(3)]
    seconds += [Second("b.mp4", n, 2.0, shares_of("sad")) for n in range(2)]
    timeline = timeline_of(seconds)
    assert not timeline.of_day
    assert timeline.starts == ((0.0, "a.mp4"), (3.0, "b.mp4"))
    assert timeline.edges.tolist() == [0, 1, 2, 3, 4, 5]
    assert timeline.shares[:, EMOTIONS.index("happy")].tolist() == [1, 1, 1, 0, 0]
    assert timeline.faces.tolist() == [1, 1, 1, 2, 2]


def test_a_recording_lies_at_its_time_of_day_and_keeps_its_long_gaps():
    timeline = timeline_of([at(0), at(1), at(3), at(60, "sad")])
    assert timeline.of_day
    assert timeline.edges[0] == NINE.timestamp()
    assert timeline.shares[2, EMOTIONS.index("happy")] == 1.0, "a second without a line is no gap"
    assert timeline.faces[2] == 1.0
    assert np.isnan(timeline.faces[4:60]).all()
    assert not timeline.shares[10:60].any()


def test_a_day_fits_into_the_picture_and_keeps_its_averages():
    seconds = [at(n, "happy" if n % 2 else "sad") for n in range(28_800)]
    timeline = timeline_of(seconds)
    assert len(timeline.faces) <= MOST_COLUMNS
    assert timeline.shares.sum(axis=1) == pytest.approx(1.0)
    assert timeline.shares[:, EMOTIONS.index("happy")] == pytest.approx(0.5, abs=0.02)


def test_a_second_with_nobody_has_faces_and_no_share():
    timeline = timeline_of([at(0), at(1, None, faces=0.0), at(2)])
    assert timeline.shares.sum(axis=1).tolist() == [1, 0, 1]
    assert timeline.faces.tolist() == [1, 0, 1]


def test_nothing_seen_is_nothing_to_draw():
    with pytest.raises(ReportError, match="not one second"):
        timeline_of([])
