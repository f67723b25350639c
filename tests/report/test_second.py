"""Frames become seconds: faces and shares averaged, empty rooms without shares, and a table that reads back the same."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.records import EMOTIONS, Mood, RoomMood
from emotiond.report.second import ReportError, Second, Seconds
from emotiond.report.spreadsheet import HEADER, as_line, read_table

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def room(faces, emotion):
    scores = np.zeros(len(EMOTIONS), np.float32)
    scores[emotion] = 1.0
    return RoomMood(faces, Mood(EMOTIONS[emotion], 1.0, scores) if faces else None)


def test_the_frames_of_a_second_are_averaged():
    seconds = Seconds("clip.mp4")
    finished = []
    for index, (faces, emotion) in enumerate([(2, HAPPY), (2, HAPPY), (4, HAPPY), (4, SAD), (1, SAD)]):
        finished += seconds.add(room(faces, emotion), index / 4)
    assert [second.second for second in finished] == [0]
    assert finished[0].faces == 3.0
    assert finished[0].dominant == "happy"
    assert (finished[0].shares[HAPPY], finished[0].shares[SAD]) == (0.75, 0.25)
    (last,) = seconds.end()
    assert (last.second, last.faces, last.dominant) == (1, 1.0, "sad")
    assert seconds.end() == []


def test_a_second_with_nobody_in_view_has_no_shares_and_one_with_somebody_for_a_part_has():
    seconds = Seconds("clip.mp4")
    seconds.add(room(0, HAPPY), 0.0)
    (empty,) = seconds.add(room(0, HAPPY), 1.0)
    assert (empty.faces, empty.shares, empty.dominant) == (0.0, None, "")
    (partly,) = seconds.add(room(2, SAD), 1.5) or seconds.end()
    assert partly.faces == 1.0
    assert partly.shares[SAD] == 1.0


def test_a_second_is_not_begun_early_by_rounding():
    seconds = Seconds("clip.mp4")
    # 2.9999999 is the 60th frame at 20 per second.
    assert seconds.add(room(1, SAD), 2.0) == []
    assert [second.second for second in seconds.add(room(1, SAD), 2.9999999)] == [2]


@pytest.mark.parametrize("source", ["clip.mp4", 'a "quoted", name.mp4', "phòng học.mp4"])
def test_a_table_reads_back_what_was_written(tmp_path, source):
    shares = (0.1, 0.0, 0.05, 0.5, 0.15, 0.0, 0.2)
    written = [Second(source, 0, 2.5, shares), Second(source, 1, 0.0, None, "2026-05-04T09:30:12.000Z")]
    table = tmp_path / "room.csv"
    table.write_bytes(HEADER + b"".join(map(as_line, written)))
    assert read_table(table) == written


def test_a_last_line_that_a_crash_has_cut_off_is_left_out(tmp_path):
    table = tmp_path / "room.csv"
    table.write_bytes(HEADER + as_line(Second("a", 0, 1.0, None)) + as_line(Second("a", 1, 1.0, None))[:9])
    assert [second.second for second in read_table(table)] == [0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no table of emotiond's: no column source, time, "),
        (b"time,value\r\n1,2\r\n", "no table of emotiond's: no column source, second, "),
        (HEADER + b"a,,x,1,,,,,,,,\r\n", "line 2: not a line of this table: "),
        (HEADER + b"a,,0,-1,,,,,,,,\r\n", "line 2: faces below 0"),
        (HEADER + b"a,,0,1,2,0,0,0,0,0,0,angry\r\n", "line 2: faces below 0, or a share that is none"),
        (b"\xff\xfe\x00", "cannot be read: not UTF-8 text"),
    ],
)
def test_what_is_no_table_is_named_with_its_line(tmp_path, content, reason):
    table = tmp_path / "room.csv"
    table.write_bytes(content)
    with pytest.raises(ReportError) as refusal:
        read_table(table)
    assert str(refusal.value).startswith(f"{table}: {reason}")


def test_a_table_that_is_missing_is_named(tmp_path):
    with pytest.raises(ReportError, match="cannot be read: No such file or directory"):
        read_table(tmp_path / "none.csv")
