"""How many processor cores there are for us, and how many threads they are worth."""

from __future__ import annotations

import os
from typing import Final, Literal

import cv2

#: More than this many interpreters bring little for the few dozen faces of a frame, and each takes its memory.
MOST_THREADS: Final = 8


def cores() -> int:
    """Return how many cores this process may use: a CPU affinity counts, as systemd's ``CPUAffinity=`` sets it."""
    return len(os.sched_getaffinity(0))


def threads_for(wish: int | Literal["auto"], available: int, *, spare_core: bool) -> int:
    """Return how many threads to use: as many as wished; ``auto`` is one for each core, or one less where spared."""
    if wish != "auto":
        return wish
    return max(1, min(available - spare_core, MOST_THREADS))


def set_opencv_threads(threads: int) -> None:
    """Let OpenCV use ``threads`` threads, in the whole process; without a word it takes every core of the machine."""
    cv2.setNumThreads(threads)
