"""Whoever decodes slowly works on the newest packet, and is told how many were left out."""

from __future__ import annotations

import threading

import av.error
import pytest

from emotiond.capture.newest import newest

WAIT_SECONDS = 30.0


def test_whoever_is_slow_gets_the_newest_and_is_told_what_was_left_out():
    decoding, ahead = threading.Event(), threading.Event()

    def packets():
        yield b"1"
        assert decoding.wait(WAIT_SECONDS)
        yield b"2"
        yield b"3"
        yield b"4"
        ahead.set()

    stream = newest(packets())
    assert next(stream)[::2] == (b"1", 0)
    decoding.set()
    assert ahead.wait(WAIT_SECONDS)
    assert next(stream)[::2] == (b"4", 2)
    assert list(stream) == []


def test_what_reading_raises_comes_after_the_last_packet():
    def packets():
        yield b"1"
        raise av.error.InvalidDataError(1, "no video")

    stream = newest(packets())
    assert next(stream)[0] == b"1"
    with pytest.raises(av.error.InvalidDataError):
        next(stream)
