"""A strained machine turns the knobs of live cameras, says so, and gives all of it back."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond import parts
from emotiond.config import Config
from emotiond.gears import LADDER, Gears
from emotiond.records import Frame, PixelFormat
from emotiond.system.governor import Condition, Governor, Limits
from emotiond.vitals import Vitals

FRAME = Frame("camera", 0, 0.0, np.zeros((720, 1280, 1), np.uint8), "test", format=PixelFormat.GRAY)
#: As quick as the clock: each turn may change the step.
QUICK = Limits(hot_celsius=75.0, cool_celsius=65.0, busy_share=0.5, quiet_share=0.35, down_seconds=0.0, up_seconds=1e-9)


@pytest.fixture(scope="module")
def pipeline():
    return parts.pipeline(Config())


def built(pipeline, *, live=True, enabled=True):
    celsius = [80.0]
    vitals = Vitals(["camera"], lambda: celsius[0], lambda: False)
    governor = Governor(QUICK, len(LADDER) - 1) if enabled else None
    gears = Gears(governor, lambda: Condition(celsius[0]), pipeline, vitals, live=live, look_seconds=0.0)
    return gears, vitals, celsius


def test_every_step_of_the_ladder_is_applied_and_taken_back(pipeline):
    gears, vitals, celsius = built(pipeline)
    for number, step in enumerate(LADDER[1:], start=1):
        assert gears.turn()
        assert (vitals.step, vitals.step_reason, vitals.step_limit) == (number, "80 °C", step.frames_per_second)
        assert {lane.attention.rarer for lane in pipeline._lanes.values()} == {step.detect_every_times}
        assert {lane.agenda.rarer for lane in pipeline._lanes.values()} == {step.read_rarer}
        assert pipeline._detector.view(FRAME).ratio == 2.0 * step.look_coarser
    assert not gears.turn(), "there is no further step"
    assert (vitals.health().step, vitals.health().step_reason) == (len(LADDER) - 1, "80 °C")
    assert [vitals.wanted("camera", live=True) for _ in range(2)] == [True, False]
    assert vitals.wanted("camera", live=False)
    celsius[0] = 50.0
    for _ in range(1000):
        gears.turn()
    assert (vitals.step, vitals.step_reason, vitals.step_limit) == (0, "", 0.0)
    assert {(lane.agenda.rarer, lane.attention.rarer) for lane in pipeline._lanes.values()} == {(1, 1)}
    assert pipeline._detector.view(FRAME).ratio == 2.0


def test_a_blank_frame_takes_nobodys_place_where_there_is_a_limit(pipeline):
    vitals = built(pipeline)[1]
    assert vitals.wanted("camera", live=True, blank=True)
    vitals.step_limit = 1e6
    assert not vitals.wanted("camera", live=True, blank=True)
    assert vitals.wanted("camera", live=True)


def test_a_limit_that_was_asked_for_holds_where_it_is_the_lower_one(pipeline):
    vitals = built(pipeline)[1]
    vitals.step_limit, vitals.frames_per_second_limit = 1e6, 0.01
    assert [vitals.wanted("camera", live=True) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("live", "enabled"), [(False, True), (True, False)])
def test_files_and_whoever_wants_none_are_left_alone(pipeline, live, enabled):
    gears, vitals, _ = built(pipeline, live=live, enabled=enabled)
    assert not any(gears.turn() for _ in range(5))
    assert vitals.step == 0


def test_each_step_is_no_more_work_than_the_one_before():
    def work(step, rate_hz):
        """Return frames, looks for faces and readings of one face per second, and the share of pixels looked at."""
        frames = min(rate_hz, step.frames_per_second or rate_hz)
        looks, readings = frames / step.detect_every_times, min(frames, 10.0 / step.read_rarer)
        return frames, looks, readings, 1.0 / step.look_coarser**2

    amounts = [work(step, 30.0) for step in LADDER]
    for each in zip(*amounts, strict=True):
        assert list(each) == sorted(each, reverse=True)
    assert len(set(amounts)) == len(LADDER), "every step is less than the one before"
