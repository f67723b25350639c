"""A camera that cuts, stalls, corrupts, truncates, repeats and sends garbage: every fault is got over and counted."""

from __future__ import annotations

import logging
import os
import random
import time
from pathlib import Path

import pytest

from emotiond.capture.jpeg import decoded
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import Wish
from emotiond.capture.stream import Stream
from emotiond.records import CameraState
from tests.capture.webcam import FAULTS, Webcam, jpeg, running

log = logging.getLogger(__name__)
LONG = bool(os.environ.get("EMOTIOND_LONG"))
#: The full count takes half an hour, most of it in starting decoders.
FAULT_COUNT = 1000 if LONG else 24
RECONNECTS = 500 if LONG else 8
PATIENCE_SECONDS = 7200.0 if LONG else 240.0
TIMEOUT_SECONDS = 2.0
#: What the server sends between two faults, so that each is met by itself.
GOOD_BETWEEN = 3


def script():
    dice = random.Random(2026)
    faults = [fault for fault in FAULTS for _ in range(-(-FAULT_COUNT // len(FAULTS)))]
    dice.shuffle(faults)
    return [step for fault in faults for step in (*["good"] * GOOD_BETWEEN, fault)]


@pytest.fixture
def reading():
    readers = []

    def start(server):
        stream = Stream(server.address, Wish(160, 120, 30.0, TIMEOUT_SECONDS))
        patience = Patience(silence_seconds=60.0, stale_seconds=30.0, frozen_seconds=60.0)
        readers.append(Reader("door", stream, Bell(), Retry(0.01, 0.05), patience=patience))
        readers[-1].start()
        return readers[-1]

    yield start
    for reader in readers:
        reader.stop(60.0)


def test_every_fault_is_got_over_and_counted_and_no_damaged_picture_is_handed_on(reading, capfd):
    steps = script()
    good = {decoded(jpeg(number), color=False).tobytes() for number in range(100)}
    with running(Webcam(steps, pause_seconds=0.05)) as server:
        reader = reading(server)
        deadline = time.monotonic() + PATIENCE_SECONDS
        frames = 0
        while not (server.played.is_set() and reader.report().state is CameraState.ONLINE):
            assert time.monotonic() < deadline, (reader.report(), len(server.script))
            frame = reader.mailbox.take()
            if frame is None:
                time.sleep(0.005)
                continue
            assert frame.pixels.tobytes() in good
            frames += 1
        report = reader.report()
        reader.stop(60.0)
    log.info("%d faults: %s", len(steps) // (GOOD_BETWEEN + 1), report)
    assert frames > 0
    # Each of these ends a connection; a busy machine may lose one more by itself.
    assert report.reopened >= steps.count("cut") + steps.count("stall")
    # Whatever was sent is accounted for: a cut picture may be damaged, too, and a newer one may have taken its place.
    harmed = sum(steps.count(fault) for fault in ("corrupt", "truncate", "garbage"))
    left_out = report.dropped - reader.mailbox.dropped
    assert harmed - left_out <= report.damaged <= harmed + steps.count("cut")
    whole = len(steps) - steps.count("cut") - steps.count("stall")
    # What is read to find out what a connection carries is not shown.
    assert report.frames + report.damaged + left_out >= whole - 2 * (report.reopened + 1), report
    assert "Traceback" not in capfd.readouterr().err


def held():
    """Count what this process holds: descriptors, threads, children, kilobytes of memory."""
    me = Path("/proc/self")
    words = dict(line.split(":", 1) for line in (me / "status").read_text().splitlines())
    children = [pid for task in me.glob("task/*/children") for pid in task.read_text().split()]
    return sum(1 for _ in (me / "fd").iterdir()), int(words["Threads"]), len(children), int(words["VmRSS"].split()[0])


def test_nothing_piles_up_over_reconnects(reading):
    with running(Webcam(["good", "good", "cut"] * (RECONNECTS + 10))) as server:
        reader = reading(server)
        deadline = time.monotonic() + PATIENCE_SECONDS

        def reopened(count):
            while reader.report().reopened < count:
                assert time.monotonic() < deadline, reader.report()
                reader.mailbox.take()
                time.sleep(0.01)
            return held()

        begin = reopened(3)
        log.info("begin: %d descriptors, %d threads, %d children, %d kB", *begin)
        for tenth in range(1, 11):
            end = reopened(3 + RECONNECTS * tenth // 10)
            log.info("%d reconnects: %d descriptors, %d threads, %d children, %d kB", RECONNECTS * tenth // 10, *end)
    descriptors, threads, children, kilobytes = (after - before for before, after in zip(begin, end, strict=True))
    # One connection more or less may be under way on either side of it.
    assert descriptors <= 6
    assert threads <= 2
    assert children <= 1
    assert kilobytes < 8_000
