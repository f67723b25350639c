"""When a camera may look: hours of the week, by the local clock."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d\d?):(\d\d)-(\d\d?):(\d\d)", re.IGNORECASE)


class HoursError(ValueError):
    """Text that means no hours; the message is one line."""


@dataclass(frozen=True)
class Span:
    """From one time of day to another on some days; past midnight where the end is not after the beginning."""

    days: frozenset[int]
    begin_minutes: int
    end_minutes: int

    def holds(self, day: int, minutes: int) -> bool:
        """Say whether ``minutes`` after midnight of ``day`` (0 is Monday) lie in it."""
        if self.begin_minutes < self.end_minutes:
            return day in self.days and self.begin_minutes <= minutes < self.end_minutes
        if minutes >= self.begin_minutes:
            return day in self.days
        return minutes < self.end_minutes and (day - 1) % 7 in self.days


@dataclass(frozen=True)
class Hours:
    """All times at which a camera may look; without any, it always may."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str]) -> Hours:
        """Read ``mon-fri 07:30-16:00``, ``sat 9:00-12:00``, ``22:00-06:00``; raise ``HoursError``."""
        return cls(tuple(_span(text) for text in texts))

    def now(self) -> bool:
        """Say whether the camera may look now."""
        local = time.localtime()
        return self.at(local.tm_wday, local.tm_hour * 60 + local.tm_min)

    def at(self, day: int, minutes: int) -> bool:
        """Say whether it may look at ``minutes`` after midnight of ``day``, 0 is Monday."""
        return not self.spans or any(span.holds(day, minutes) for span in self.spans)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise HoursError(f'"{text}": no hours; write them like "mon-fri 07:30-16:00" or "22:00-06:00"')
    first, last, *numbers = found.groups()
    hour, minute, end_hour, end_minute = map(int, numbers)
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or begin >= 24 * 60 or end > 24 * 60:
        raise HoursError(f'"{text}": there is no such time of day')
    return Span(_days(first, last, text), begin, end)


def _days(first: str | None, last: str | None, text: str) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    try:
        begin = DAYS.index(first.lower())
        end = DAYS.index((last or first).lower())
    except ValueError as error:
        raise HoursError(f'"{text}": no such day; there are {", ".join(DAYS)}') from error
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))
