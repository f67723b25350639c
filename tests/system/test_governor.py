"""Scripted temperatures on a fake sysfs: each step is taken in turn, none is lost, and nothing swings to and fro."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from emotiond.system.governor import LONGEST_PATIENCE, Condition, Governor, Limits, Verdict
from emotiond.system.heat import cpu_celsius, hindrance

LIMITS = Limits(
    hot_celsius=75.0, cool_celsius=65.0, busy_share=0.5, quiet_share=0.35, down_seconds=10.0, up_seconds=60.0
)
LAST = 5
LOOK_SECONDS = 2.0


class Board:
    """A tree as a Raspberry Pi's sysfs has it, written by the test and read by the program's own functions."""

    def __init__(self, root: Path) -> None:
        self.zones = root / "class" / "thermal"
        self.firmware = root / "devices" / "platform" / "soc" / "soc:firmware" / "get_throttled"
        (self.zones / "thermal_zone0").mkdir(parents=True)
        self.firmware.parent.mkdir(parents=True)
        self.be(50.0)

    def be(self, celsius: float, bits: int = 0) -> None:
        (self.zones / "thermal_zone0" / "temp").write_text(f"{round(celsius * 1000)}\n")
        self.firmware.write_text(f"{bits:x}\n")

    def condition(self) -> Condition:
        return Condition(cpu_celsius(self.zones), hindrance(self.firmware))


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def clock(seconds: float, start: float = 0.0) -> Iterator[float]:
    for turn in range(int(seconds / LOOK_SECONDS)):
        yield start + turn * LOOK_SECONDS


def steps_of(verdicts: list[Verdict]) -> list[int]:
    """List the steps in the order in which they were published."""
    return [now.step for before, now in zip([Verdict(0, ""), *verdicts], verdicts, strict=False) if now != before]


def test_a_script_of_heat_takes_every_step_down_and_every_step_up(board: Board) -> None:
    governor = Governor(LIMITS, LAST)
    script = [(20.0, 60.0), (90.0, 82.0), (20.0, 70.0), (330.0, 55.0)]
    verdicts, start = [], 0.0
    for seconds, celsius in script:
        board.be(celsius)
        verdicts += [governor.decide(board.condition(), now) for now in clock(seconds, start)]
        start += seconds
    steps = [verdict.step for verdict in verdicts]
    changes = [(a, b) for a, b in itertools.pairwise(steps) if a != b]
    assert changes == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 4), (4, 3), (3, 2), (2, 1), (1, 0)]
    assert {verdict.reason for verdict in verdicts if verdict.step} == {"82 °C"}
    assert verdicts[-1] == Verdict(0, "")


def test_a_short_peak_changes_nothing() -> None:
    governor = Governor(LIMITS, LAST)
    for now in clock(600.0):
        celsius = 80.0 if now % 20.0 < LIMITS.down_seconds - LOOK_SECONDS else 60.0
        assert governor.decide(Condition(celsius), now).step == 0


def test_between_hot_and_cool_every_step_stays_as_it_is() -> None:
    governor = Governor(LIMITS, LAST)
    for now in clock(24.0):
        reached = governor.decide(Condition(80.0), now).step
    assert reached == 2
    for now in clock(36_000.0, 24.0):
        celsius = 66.0 + 8.0 * (now % 100.0) / 100.0
        assert governor.decide(Condition(celsius), now).step == reached


@pytest.mark.parametrize("ambient", [25.0, 35.0, 45.0, 55.0])
def test_a_board_that_warms_with_its_work_comes_to_rest(ambient: float) -> None:
    """A plant with the time constant of a heat sink: full work adds 45 degrees, each step less."""
    governor = Governor(LIMITS, LAST)
    warming = (45.0, 36.0, 29.0, 21.0, 14.0, 8.0)
    celsius, verdict, changes, hours = ambient, Verdict(0, ""), [], 6
    hot_seconds = 0.0
    for now in clock(hours * 3600.0):
        celsius += (ambient + warming[verdict.step] - celsius) * LOOK_SECONDS / 90.0
        before, verdict = verdict, governor.decide(Condition(celsius), now)
        assert abs(verdict.step - before.step) <= 1, "no step is left out"
        if verdict.step != before.step:
            changes.append(now)
        hot_seconds += LOOK_SECONDS * (celsius > LIMITS.hot_celsius + 5.0)
    # At most one try, and its end, for each of the longest waits; after the first hour.
    late = [now for now in changes if now > 3600.0]
    longest_wait = LIMITS.up_seconds * LONGEST_PATIENCE
    assert len(late) <= 2 * (hours - 1) * 3600.0 / longest_wait
    assert hot_seconds < 120.0
    if ambient == 25.0:
        assert changes == []


def test_after_a_summers_day_all_the_work_comes_back() -> None:
    governor = Governor(LIMITS, LAST)
    for now in clock(600.0):
        deepest = governor.decide(Condition(90.0), now)
    assert deepest.step == LAST
    for now in clock(3600.0, 600.0):
        last = governor.decide(Condition(40.0), now)
    assert last == Verdict(0, "")


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0x1, "undervoltage"),
        (0x2, "frequency capped"),
        (0x4, "throttled"),
        (0x8, "soft temperature limit"),
        (0x50005, "undervoltage, throttled"),
    ],
)
def test_what_the_firmware_holds_back_for_is_the_reason(board: Board, bits: int, words: str) -> None:
    governor = Governor(LIMITS, LAST)
    board.be(50.0, bits)
    for now in clock(14.0):
        verdict = governor.decide(board.condition(), now)
    assert verdict == Verdict(1, words)


def test_what_is_over_is_no_reason(board: Board) -> None:
    governor = Governor(LIMITS, LAST)
    board.be(50.0, 0x50000)
    assert [governor.decide(board.condition(), now).step for now in clock(60.0)] == [0] * 30


def test_others_who_need_the_processor_get_it_and_give_it_back() -> None:
    governor = Governor(LIMITS, LAST)
    busy = Condition(others_share=0.6, idle_share=0.02)
    for now in clock(14.0):
        verdict = governor.decide(busy, now)
    assert verdict == Verdict(1, "other programs use 60% of the processor")
    # What we give up stays idle, or they take it: neither is a reason to swing back.
    for now in clock(3600.0, 14.0):
        assert governor.decide(Condition(others_share=0.6, idle_share=0.3), now).step == 1
    for now in clock(90.0, 3614.0):
        verdict = governor.decide(Condition(others_share=0.1, idle_share=0.6), now)
    assert verdict.step == 0


def test_a_machine_that_tells_nothing_works_in_full() -> None:
    governor = Governor(LIMITS, LAST)
    assert [governor.decide(Condition(), now) for now in clock(60.0)] == [Verdict(0, "")] * 30


def test_every_change_is_published_once(board: Board) -> None:
    governor = Governor(LIMITS, LAST)
    board.be(82.0)
    verdicts = [governor.decide(board.condition(), now) for now in clock(120.0)]
    assert steps_of(verdicts) == [1, 2, 3, 4, 5]
