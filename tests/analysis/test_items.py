"""Folders become files in a fixed order, and every file has a place for its annotated pictures."""

from __future__ import annotations

import pytest

from emotiond.analysis.album import places
from emotiond.analysis.items import Item, items_of
from emotiond.report.growing import OutputError


def test_a_folder_gives_its_pictures_by_name_and_then_its_videos(tmp_path):
    for name in ("b.png", "a.JPG", "notes.txt", "z.mp4", "c.webm"):
        (tmp_path / name).touch()
    found = items_of([str(tmp_path), "alone.mp4", "synthetic:?faces=2&frames=3"])
    folder = str(tmp_path)
    assert found == [
        Item(f"{folder}/a.JPG", folder, 0),
        Item(f"{folder}/b.png", folder, 1),
        Item(f"{folder}/c.webm", f"{folder}/c.webm"),
        Item(f"{folder}/z.mp4", f"{folder}/z.mp4"),
        Item("alone.mp4", "alone.mp4"),
        Item("synthetic:?faces=2&frames=3", "synthetic:?faces=2&frames=3"),
    ]


def named(*addresses):
    return [Item(address, address) for address in addresses]


def test_one_file_goes_where_it_is_told(tmp_path):
    assert places(named("clip.mp4"), str(tmp_path / "out.mp4")) == [tmp_path / "out.mp4"]


def test_many_files_go_into_a_folder_each_under_a_name_of_its_own(tmp_path):
    found = places(named("a/clip.mkv", "b/clip.avi", "a/one.png", "synthetic:?faces=3"), f"{tmp_path}/out/")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in found] == [
        "clip.mp4",
        "clip-2.mp4",
        "one.png",
        "synthetic.mp4",
    ]


def test_many_files_do_not_fit_into_one(tmp_path):
    with pytest.raises(OutputError, match="2 files need a folder: --annotate out/"):
        places(named("a.mp4", "b.mp4"), str(tmp_path / "out.mp4"))
