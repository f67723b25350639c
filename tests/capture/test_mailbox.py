"""A live mailbox keeps the newest frame and counts what it drops; a lossless one waits and loses none."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from emotiond.capture.mailbox import Bell, Mailbox
from emotiond.records import Frame

WAIT_SECONDS = 60.0
PIXELS = np.zeros((1, 1, 1), np.uint8)


def frame(index):
    return Frame("camera", index, float(index), PIXELS, "source")


def taken(mailbox):
    return [found.index for found in iter(mailbox.take, None)]


def test_the_newest_frame_wins_and_the_others_are_counted():
    mailbox = Mailbox(Bell(), lossless=False, capacity=1)
    for index in range(5):
        mailbox.put(frame(index))
    assert len(mailbox) == 1
    assert mailbox.dropped == 4
    assert taken(mailbox) == [4]


def test_an_empty_mailbox_gives_none():
    assert Mailbox(Bell(), lossless=True, capacity=1).take() is None


@pytest.mark.parametrize("capacity", [1, 4])
def test_a_lossless_mailbox_never_holds_more_than_it_may_and_loses_none(capacity):
    bell = Bell()
    mailbox = Mailbox(bell, lossless=True, capacity=capacity)
    writer = threading.Thread(target=lambda: [mailbox.put(frame(index)) for index in range(50)], daemon=True)
    writer.start()
    seen, most = [], 0
    while len(seen) < 50:
        bell.wait_for(lambda: len(mailbox) > 0, WAIT_SECONDS)
        most = max(most, len(mailbox))
        found = mailbox.take()
        assert found is not None, "waited in vain"
        seen.append(found.index)
    writer.join(WAIT_SECONDS)
    assert seen == list(range(50))
    assert most <= capacity
    assert mailbox.dropped == 0


def test_closing_frees_whoever_waits_to_leave_a_frame():
    mailbox = Mailbox(Bell(), lossless=True, capacity=1)
    mailbox.put(frame(0))
    writer = threading.Thread(target=mailbox.put, args=(frame(1),), daemon=True)
    writer.start()
    mailbox.close()
    writer.join(WAIT_SECONDS)
    assert not writer.is_alive()
    assert taken(mailbox) == [0]


def test_a_closed_mailbox_keeps_what_it_holds_and_takes_no_more():
    mailbox = Mailbox(Bell(), lossless=False, capacity=1)
    mailbox.put(frame(0))
    mailbox.close()
    mailbox.put(frame(1))
    assert taken(mailbox) == [0]
    assert mailbox.dropped == 0


def test_a_ring_wakes_whoever_waits():
    bell, rung = Bell(), threading.Event()
    waiter = threading.Thread(target=bell.wait_for, args=(rung.is_set, WAIT_SECONDS), daemon=True)
    waiter.start()
    rung.set()
    bell.ring()
    waiter.join(WAIT_SECONDS / 2)
    assert not waiter.is_alive()
