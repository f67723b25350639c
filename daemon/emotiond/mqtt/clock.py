"""Two clocks: one that always runs evenly, and one that tells the time of day once somebody has set it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as the machine saw it."""

    #: Of the monotonic clock, which begins anew with each start of the machine.
    monotonic_seconds: float
    #: Since 1970, if the clock was right.
    wall_seconds: float
    clock_set: bool
    #: Which start of the machine the monotonic clock counts from.
    machine_boot: str

    def since(self, earlier: Moment) -> float:
        """Seconds from ``earlier`` to this moment; 0 where nobody can know."""
        if earlier.machine_boot == self.machine_boot:
            return self.monotonic_seconds - earlier.monotonic_seconds
        if earlier.clock_set and self.clock_set:
            return self.wall_seconds - earlier.wall_seconds
        return 0.0


@dataclass(frozen=True)
class Clock:
    """Tells moments; ``is_set`` says whether the time of day can be believed."""

    is_set: Callable[[], bool]
    machine_boot: str
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time

    def now(self) -> Moment:
        """Return this moment."""
        return Moment(self.monotonic(), self.wall(), self.is_set(), self.machine_boot)

    def corrected(self, moment: Moment) -> Moment:
        """Give a moment from before the clock was set its true time, where that is known by now."""
        now = self.now()
        if moment.clock_set or not now.clock_set or moment.machine_boot != now.machine_boot:
            return moment
        wall = now.wall_seconds - (now.monotonic_seconds - moment.monotonic_seconds)
        return Moment(moment.monotonic_seconds, wall, clock_set=True, machine_boot=moment.machine_boot)


def in_words(wall_seconds: float) -> str:
    """Write seconds since 1970 as RFC 3339 with milliseconds, UTC."""
    return datetime.fromtimestamp(wall_seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
