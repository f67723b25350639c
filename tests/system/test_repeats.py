"""A failure is told when it changes and then once an hour; good news makes the log forget."""

from __future__ import annotations

import logging

from emotiond.system.repeats import LARGEST_MEMORY, REMIND_SECONDS, Repeats


class Log:
    """A filter whose clock stands until it is moved."""

    def __init__(self):
        self.now_seconds = 0.0
        self.repeats = Repeats(lambda: self.now_seconds)

    def tells(self, message, level=logging.WARNING, camera="hall"):
        record = logging.LogRecord("emotiond.capture", level, "file", 1, message, None, None)
        record.camera = camera
        return self.repeats.filter(record)


def test_the_same_failure_is_told_once_an_hour():
    log = Log()
    assert log.tells("gone")
    log.now_seconds = REMIND_SECONDS - 1.0
    assert not log.tells("gone")
    log.now_seconds = REMIND_SECONDS
    assert log.tells("gone")


def test_another_failure_and_another_camera_are_news():
    log = Log()
    assert log.tells("gone")
    assert log.tells("silent")
    assert log.tells("gone", camera="door")
    assert not log.tells("gone")


def test_a_failure_after_good_news_is_news():
    log = Log()
    assert log.tells("gone")
    assert log.tells("online", logging.INFO)
    assert log.tells("gone")


def test_what_is_remembered_has_an_end():
    log = Log()
    assert all(log.tells(f"failure {number}") for number in range(10 * LARGEST_MEMORY))
    assert max(len(told) for told in log.repeats._told.values()) <= LARGEST_MEMORY
