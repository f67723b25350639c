"""A failure that repeats is logged when it changes, and then once an hour."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from emotiond.system.repeats import LARGEST_MEMORY, REMIND_SECONDS, Repeats


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


Say = Callable[..., bool]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def say(clock: Clock) -> Say:
    repeats = Repeats(clock)

    def say(message: str, level: int = logging.WARNING, camera: str = "door") -> bool:
        record = logging.LogRecord("emotiond.capture.reader", level, __file__, 1, message, None, None)
        record.camera = camera
        return repeats.filter(record)

    return say


def test_the_same_failure_is_told_once(say: Say) -> None:
    assert [say("gone"), say("gone"), say("gone")] == [True, False, False]


def test_another_failure_is_told(say: Say) -> None:
    assert [say("gone"), say("slow"), say("gone"), say("slow")] == [True, True, False, False]


def test_after_an_hour_it_is_told_again(say: Say, clock: Clock) -> None:
    assert say("gone")
    clock.seconds = REMIND_SECONDS - 1.0
    assert not say("gone")
    clock.seconds = REMIND_SECONDS
    assert [say("gone"), say("gone")] == [True, False]


def test_a_failure_after_good_news_is_new(say: Say) -> None:
    assert say("gone")
    assert say("online", logging.INFO)
    assert say("gone")


def test_cameras_do_not_speak_for_each_other(say: Say) -> None:
    assert [say("gone", camera="door"), say("gone", camera="hall")] == [True, True]


def test_debug_and_information_always_pass(say: Say) -> None:
    assert all(say("frame", level) for level in (logging.DEBUG, logging.INFO) for _ in range(3))


def test_the_memory_is_bounded(say: Say) -> None:
    assert all(say(f"failure {number}") for number in range(10 * LARGEST_MEMORY))
    assert not say(f"failure {10 * LARGEST_MEMORY - 1}")
