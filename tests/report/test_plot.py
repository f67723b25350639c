"""The timeline is drawn as PNG, SVG or PDF, and every emotion can be told apart without colours."""

from __future__ import annotations

import itertools

import cv2
import pytest

from emotiond.records import EMOTIONS
from emotiond.report import plot
from emotiond.report.palette import INKS, STACK
from emotiond.report.second import ReportError, Second
from emotiond.report.timeline import timeline_of


@pytest.fixture(scope="module")
def timeline():
    shares = [tuple((n * 7 + m * 3) % 11 + 1.0 for m in range(7)) for n in range(90)]
    seconds = [
        Second("clip.mp4", n, 3.0 + n % 4, tuple(share / sum(row) for share in row)) for n, row in enumerate(shares)
    ]
    return timeline_of(seconds)


def test_a_png_is_drawn_in_the_colours_of_the_emotions(timeline, tmp_path):
    plot.save(timeline, tmp_path / "timeline.png", "clip.mp4")
    picture = cv2.imread(str(tmp_path / "timeline.png"))
    assert picture.shape == (600, 1200, 3)
    for emotion in EMOTIONS:
        here = (picture == INKS[emotion].rgb[::-1]).all(axis=2)
        assert here.sum() > 500, emotion


def test_the_same_timeline_gives_the_same_svg_and_no_way_out_of_the_page(timeline):
    drawn = plot.as_svg(timeline, "desk")
    assert drawn == plot.as_svg(timeline, "desk")
    assert drawn.startswith("<svg ")
    assert "currentColor" in drawn
    assert plot.LINES not in drawn
    assert "share of the room in %" in drawn, "words stay words"
    assert "<metadata>" not in drawn
    links = [word for word in drawn.split('"') if word.startswith("http") and "www.w3.org" not in word]
    assert links == []


def test_two_drawings_on_one_page_share_no_id(timeline):
    ids = [
        {part.split('"')[0] for part in plot.as_svg(timeline, name).split('<clipPath id="')[1:]} for name in ("a", "b")
    ]
    assert all(ids)
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("end", ["svg", "pdf"])
def test_other_formats_are_written_too(timeline, tmp_path, end):
    path = tmp_path / f"timeline.{end}"
    plot.save(timeline, path, "clip.mp4")
    assert path.read_bytes()[:4] in (b"<?xm", b"%PDF")


def test_a_picture_of_another_kind_is_refused(timeline, tmp_path):
    with pytest.raises(ReportError, match=r"ends with \.png, \.svg, \.pdf"):
        plot.save(timeline, tmp_path / "timeline.xls", "")


def luma(emotion):
    red, green, blue = INKS[emotion].rgb
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_without_colours_every_emotion_differs_by_its_hatch_or_by_its_brightness():
    for one, other in itertools.combinations(EMOTIONS, 2):
        assert INKS[one].hatch != INKS[other].hatch or abs(luma(one) - luma(other)) > 60, (one, other)
    assert len({ink.colour for ink in INKS.values()}) == len(INKS)
    assert sorted(STACK) == sorted(EMOTIONS)


@pytest.mark.parametrize(
    ("place", "span", "words"), [(0.0, 50.0, "0:00"), (75.0, 100.0, "1:15"), (3725.0, 9e3, "1:02:05")]
)
def test_time_since_the_beginning_is_told_in_hours_minutes_and_seconds(place, span, words):
    assert plot.in_words(place, of_day=False, span=span) == words
