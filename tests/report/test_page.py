"""The page is read in a real browser: by eye in light and dark, by keyboard, by a screen reader, and without a network.

The screenshots stay in ``build/screenshots``.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from emotiond.__main__ import main
from emotiond.records import EMOTIONS
from emotiond.report.page import page
from emotiond.report.second import ReportError, Second
from emotiond.report.spreadsheet import HEADER, as_line
from tests.browser import running_browser

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
WIDTH, HEIGHT = 1100, 900


def morning(source="desk", happy_from=3600):
    """Two hours, a line every five seconds: neutral, then happy; nobody there for ten minutes."""
    for second in range(0, 7200, 5):
        time = (NINE + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if 1800 <= second < 2400:
            yield Second(source, second, 0.0, None, time)
            continue
        happy = 0.7 if second >= happy_from else 0.1
        rest = (1.0 - happy - 0.2) / 5.0
        shares = {"happy": happy, "neutral": 0.2}
        faces = 3.0 + round(math.sin(second / 900.0), 2)
        yield Second(source, second, faces, tuple(shares.get(emotion, rest) for emotion in EMOTIONS), time)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    table = folder / "room.csv"
    table.write_bytes(HEADER + b"".join(map(as_line, [*morning(), *morning("<door>", happy_from=5400)])))
    assert main(["report", str(table), "-o", str(folder / "report.html"), "--title", "Class <4b>"]) == 0
    return folder / "report.html"


@pytest.fixture(scope="module")
def screenshots(pytestconfig):
    folder = pytestconfig.rootpath / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def brightness(png):
    return float(cv2.imread(str(png), cv2.IMREAD_GRAYSCALE).mean())


def colours_in(png):
    pixels = cv2.imread(str(png)).reshape(-1, 3)
    return {tuple(int(part) for part in colour) for colour in np.unique(pixels, axis=0)}


def test_the_page_in_a_real_browser(written, screenshots):
    asked = []
    with running_browser() as browser:
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        view.on("request", lambda request: asked.append(request.url))
        complaints = []
        view.on("console", lambda message: complaints.append(message.text))
        view.goto(written.as_uri())

        assert view.title() == "Class <4b>"
        assert view.locator("h2").all_inner_texts() == ["desk", "<door>"]
        drawing = view.locator("figure svg").first.bounding_box()
        assert drawing["width"] > 800
        assert drawing["height"] > 350
        first_hour = view.locator("#hours-1").locator("xpath=../tbody/tr[1]/td").all_inner_texts()
        assert first_hour[1:][EMOTIONS.index("happy")] == "10%"
        (change,) = view.locator("ol").first.locator("li").all_inner_texts()
        assert "happy rose from 10% to 70%" in change
        light = screenshots / "report-light.png"
        view.screenshot(path=light)

        tree = view.locator("body").aria_snapshot()
        for told in ('heading "Class <4b>" [level=1]', 'heading "desk" [level=2]', "columnheader", "rowheader", "list"):
            assert told in tree, tree
        assert "desk" in tree
        assert "img" not in tree, "the drawing says nothing that the words do not"

        reached = []
        for _ in range(3):
            view.keyboard.press("Tab")
            reached.append(view.evaluate("document.activeElement.className + document.activeElement.tagName"))
        assert reached == ["skipA", "wideDIV", "wideDIV"], "the skip link, then what can be scrolled"

        view.emulate_media(color_scheme="dark")
        dark = screenshots / "report-dark.png"
        view.screenshot(path=dark)

    assert asked == [written.as_uri()], "nothing but the file itself was asked for"
    assert complaints == []
    assert brightness(light) > 170
    assert brightness(dark) < 110
    for png in (light, dark):
        assert {(66, 228, 240), (189, 189, 189)} <= colours_in(png), "the areas keep their colours"


def test_nothing_of_the_table_becomes_part_of_the_page():
    wicked = "</h2><script>alert(1)</script>"
    written = page(list(morning(wicked)), wicked)
    assert "<script" not in written
    assert "http-equiv" in written
    links = [part.split('"')[0] for part in written.split("http://")[1:]]
    assert all(link.startswith("www.w3.org/") for link in links), "names of namespaces, and no address"


def test_a_table_of_files_counts_from_the_beginning():
    seconds = [Second("lesson.mp4", n, 2.0, (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)) for n in range(100)]
    written = page(seconds, "lesson")
    assert "100 s were recorded, with 2.0 faces in view on average; mostly happy (100%)" in written
    assert "Shares per hour, since the beginning" in written
    assert "No emotion&#x27;s share rose" in written or "No emotion's share rose" in written


def test_an_empty_room_is_told_as_one():
    assert "with nobody in view" in page([Second("a", n, 0.0, None) for n in range(3)], "empty")


def test_an_empty_table_is_nothing_to_report():
    with pytest.raises(ReportError, match="holds not one second"):
        page([], "none")


@pytest.mark.parametrize("content", [b"a,b\r\n1,2\r\n", b""])
def test_what_is_no_table_is_one_line_and_exit_code_1(tmp_path, capsys, content):
    (tmp_path / "room.csv").write_bytes(content)
    assert main(["report", str(tmp_path / "room.csv"), "-o", str(tmp_path / "report.html")]) == 1
    assert capsys.readouterr().err.startswith(f"emotiond: {tmp_path}/room.csv: no table of emotiond's")
    assert not (tmp_path / "report.html").exists()
