"""A live source that does what a test's list says, one step for each read; past its end the last step repeats."""

from __future__ import annotations

import time

import numpy as np

from emotiond.capture.source import Picture, PictureError, SourceError

GOOD, SAME, BLACK, DAMAGED, LATE, GONE = "good", "same", "black", "damaged", "late", "gone"


class Scripted:
    live = True
    still = False
    paced = True

    def __init__(self, steps, rate_hz=100.0):
        self.steps = list(steps)
        self.rate_hz = rate_hz
        self.opened = 0
        self.open_now = False
        self._rng = np.random.default_rng(1)
        self._last = self._random()

    def _random(self):
        return self._rng.integers(80, 120, (48, 64, 1), np.uint8)

    def open(self):
        self.opened += 1
        self.open_now = True

    def read(self):
        time.sleep(1.0 / self.rate_hz)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        now = time.monotonic()
        if step == GONE:
            raise SourceError("scripted: gone")
        if step == DAMAGED:
            raise PictureError("scripted: damaged")
        if step == BLACK:
            return Picture(self._random() // 8, 0.0, "scripted", taken_seconds=now, stream_seconds=now)
        if step == SAME:
            return Picture(self._last, 0.0, "scripted", taken_seconds=now, stream_seconds=5.0)
        self._last = self._random()
        taken = now - (10.0 if step == LATE else 0.0)
        return Picture(self._last, 0.0, "scripted", taken_seconds=taken, stream_seconds=now)

    def close(self):
        self.open_now = False
