"""Work that was interrupted goes on after the last file that was finished, and after nothing else."""

from __future__ import annotations

import os

import pytest

from emotiond.analysis.items import Item
from emotiond.analysis.ledger import Entry, Ledger
from emotiond.report.second import Second


@pytest.fixture
def items(tmp_path):
    paths = [tmp_path / f"{name}.mp4" for name in "abc"]
    for path in paths:
        path.write_bytes(path.name.encode())
    return [Item(str(path), str(path)) for path in paths]


def entry(item, size=10):
    return Entry(item.address, item.stamp, 5, ("one is bad",), (Second(item.source, 0, 1.0, None),), (size, 2 * size))


@pytest.fixture
def begun(tmp_path, items):
    """A ledger in which the first two files are done."""
    ledger = Ledger(tmp_path / "out.progress", "this work")
    ledger.begin([])
    for item in items[:2]:
        ledger.add(entry(item))
    return ledger


def test_what_is_finished_is_remembered(begun, items):
    assert Ledger(begun.path, "this work").resume(items) == [entry(items[0]), entry(items[1])]


def test_other_work_begins_anew(begun, items):
    assert Ledger(begun.path, "other work").resume(items) == []


def test_a_file_that_has_changed_is_done_again_and_all_behind_it(begun, items):
    os.utime(items[0].address, ns=(1, 1))
    assert begun.resume(items) == []


def test_files_in_another_order_are_done_again(begun, items):
    assert begun.resume([items[0], items[2], items[1]]) == [entry(items[0])]


def test_a_line_that_a_crash_has_cut_off_does_not_count(begun, items):
    begun.path.write_bytes(begun.path.read_bytes()[:-7])
    assert begun.resume(items) == [entry(items[0])]


@pytest.mark.parametrize("content", [b"", b"noise", b"{}\n", b"[1]\n[2]\n"])
def test_what_is_no_ledger_is_none(tmp_path, items, content):
    (tmp_path / "out.progress").write_bytes(content)
    assert Ledger(tmp_path / "out.progress", "this work").resume(items) == []


def test_finished_work_leaves_nothing_behind(begun):
    begun.finish()
    assert not begun.path.exists()
