"""Hours are read as people write them, hold past midnight, and are refused in words."""

from __future__ import annotations

import pytest

from emotiond.capture.hours import Hours, HoursError

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


def at(texts, day, clock):
    hour, minute = map(int, clock.split(":"))
    return Hours.of(texts).at(day, hour * 60 + minute)


@pytest.mark.parametrize(
    ("texts", "day", "clock", "open_"),
    [
        ([], SUNDAY, "03:00", True),
        (["mon-fri 07:30-16:00"], MONDAY, "07:29", False),
        (["mon-fri 07:30-16:00"], MONDAY, "07:30", True),
        (["Mon-Fri 7:30-16:00"], FRIDAY, "15:59", True),
        (["mon-fri 07:30-16:00"], FRIDAY, "16:00", False),
        (["mon-fri 07:30-16:00"], SATURDAY, "12:00", False),
        (["mon-fri 07:30-16:00", "sat 9:00-12:00"], SATURDAY, "11:00", True),
        (["08:00-09:00"], SUNDAY, "08:30", True),
        (["00:00-24:00"], SUNDAY, "23:59", True),
        (["22:00-06:00"], MONDAY, "23:00", True),
        (["22:00-06:00"], MONDAY, "05:00", True),
        (["22:00-06:00"], MONDAY, "12:00", False),
        (["fri 22:00-06:00"], SATURDAY, "05:59", True),
        (["fri 22:00-06:00"], FRIDAY, "05:59", False),
        (["sun 22:00-06:00"], MONDAY, "01:00", True),
        (["sat-mon 10:00-11:00"], SUNDAY, "10:30", True),
        (["sat-mon 10:00-11:00"], FRIDAY, "10:30", False),
    ],
)
def test_a_camera_looks_in_its_hours_alone(texts, day, clock, open_):
    assert at(texts, day, clock) is open_


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("always", 'write them like "mon-fri 07:30-16:00"'),
        ("7-16", "no hours"),
        ("mo-fr 07:30-16:00", "no hours"),
        ("xyz 07:30-16:00", "no such day; there are mon, tue"),
        ("25:00-26:00", "no such time of day"),
        ("08:60-09:00", "no such time of day"),
    ],
)
def test_what_means_no_hours_is_refused(text, words):
    with pytest.raises(HoursError, match=words):
        Hours.of([text])


def test_without_hours_it_always_looks():
    assert Hours().now()
