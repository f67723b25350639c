"""A stage is overdue when it has been inside one item for longer than it may, and at no other time."""

from __future__ import annotations

from typing import get_args

import msgspec

from emotiond.config import WatchdogTable
from emotiond.system.progress import Progress, Stage


class Clock:
    """A clock that stands still until it is told otherwise."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_every_stage_has_a_limit_and_every_limit_a_stage() -> None:
    limits = {name.removesuffix("_seconds") for name in msgspec.structs.asdict(WatchdogTable())}
    assert limits == set(get_args(Stage))


def test_each_item_has_the_whole_time() -> None:
    clock = Clock()
    progress = Progress({"detection": 10.0, "mood": 2.0}, clock)
    for _ in range(5):
        progress.at("detection")
        clock.seconds += 9.0
        assert progress.overdue() == ""
        progress.at("mood")
        clock.seconds += 1.5
        assert progress.overdue() == ""
    clock.seconds += 1.0
    assert progress.overdue() == "mood has been busy with one item for more than 2 s"
    progress.at("detection")
    assert progress.overdue() == ""


def test_whoever_rests_is_never_overdue() -> None:
    clock = Clock()
    progress = Progress({"detection": 1.0}, clock)
    clock.seconds += 1e6
    assert progress.overdue() == ""
    progress.at("detection")
    progress.rest()
    clock.seconds += 1e6
    assert progress.overdue() == ""


def test_a_stage_without_a_limit_may_take_for_ever() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.at("classification")
    clock.seconds += 1e6
    assert progress.overdue() == ""
