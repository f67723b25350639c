"""A failure that repeats is logged when it changes, and then once an hour."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

REMIND_SECONDS: Final = 3600.0
#: Different failures remembered of one speaker; a speaker with more is told of anew.
LARGEST_MEMORY: Final = 32


class Repeats(logging.Filter):
    """Drops warnings that their speaker (logger and camera) has given within the hour; good news makes it forget."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, str], dict[str, float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether ``record`` is news."""
        speaker = (record.name, str(getattr(record, "camera", "")))
        if record.levelno < logging.WARNING:
            if record.levelno == logging.INFO:
                self._told.pop(speaker, None)
            return True
        told = self._told.setdefault(speaker, {})
        message, now = record.getMessage(), self._clock()
        if now - told.get(message, float("-inf")) < REMIND_SECONDS:
            return False
        if len(told) >= LARGEST_MEMORY:
            told.clear()
        told[message] = now
        return True
