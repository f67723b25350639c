"""Whose turn it is to be read, when there is not time for everybody: by age and by doubt, so that nobody starves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from emotiond.records import Box

#: A face of which nothing is known counts as if it had waited this many times as long as one that is beyond doubt.
DOUBT_WEIGHT: Final = 3.0
#: A face that was never read comes as early as one that was read this long ago.
HEAD_START_SECONDS: Final = 1.0
#: A face is still while its box has moved and grown by less than this share of its width since it was read.
STILL_SHARE: Final = 0.1
#: Above this doubt a face is read as often as there is time, still or not.
SURE_DOUBT: Final = 0.3


class Wish(NamedTuple):
    """One face that could be read."""

    #: Number of its track.
    number: int
    box: Box
    #: How little is known of its mood: 0 is sure, 1 is nothing.
    doubt: float


@dataclass(frozen=True, slots=True)
class _Look:
    """The last time that a face was read."""

    seconds: float
    box: Box | None = None


class Agenda:
    """Remembers when each face of one camera was read.

    ``floor_hz`` is how often even a still one is read again, ``ceiling_hz`` how often one is read at most: readings
    that follow one another closely say the same. 0 is no limit. All times are those of the frames.
    """

    def __init__(self, floor_hz: float, ceiling_hz: float = 0.0) -> None:
        self._floor_seconds = 1.0 / floor_hz
        self._ceiling_seconds = 1.0 / ceiling_hz if ceiling_hz else 0.0
        #: Every face is read so many times more rarely.
        self.rarer = 1
        self._looks: dict[int, _Look] = {}
        self._now_seconds = 0.0

    def choose(self, wishes: Sequence[Wish], affordable: int, now_seconds: float) -> list[int]:
        """Return the places in ``wishes`` of those to be read now, in their order: ``affordable`` of them at most.

        Who is chosen counts as read. With d for ``DOUBT_WEIGHT`` no face among n waits for more than
        2 n (2 + d) / affordable frames beyond ``HEAD_START_SECONDS`` and the times that floor and ceiling ask for.
        """
        step_seconds = max(0.0, now_seconds - self._now_seconds) if self._looks else 0.0
        self._now_seconds = now_seconds
        never = _Look(now_seconds - HEAD_START_SECONDS)
        self._looks = {wish.number: self._looks.get(wish.number, never) for wish in wishes}
        due = [place for place, wish in enumerate(wishes) if self._due(wish, step_seconds)]
        if len(due) > affordable:
            due.sort(key=lambda place: self._urgency(wishes[place]), reverse=True)
            due = sorted(due[:affordable])
        for place in due:
            self._looks[wishes[place].number] = _Look(now_seconds, wishes[place].box)
        return due

    def _waited(self, wish: Wish) -> float:
        return max(0.0, self._now_seconds - self._looks[wish.number].seconds)

    def _due(self, wish: Wish, step_seconds: float) -> bool:
        seen = self._looks[wish.number].box
        if seen is None:
            return True
        waited = self._waited(wish)
        # Of two frames the one that is nearer to the moment.
        if waited + step_seconds / 2.0 < self._ceiling_seconds * self.rarer:
            return False
        if wish.doubt > SURE_DOUBT or not _still(seen, wish.box):
            return True
        # By the next frame it would be too late.
        return waited + step_seconds >= self._floor_seconds * self.rarer

    def _urgency(self, wish: Wish) -> float:
        return self._waited(wish) * (1.0 + DOUBT_WEIGHT * wish.doubt)


def _still(before: Box, now: Box) -> bool:
    reach = STILL_SHARE * before.width
    across = abs(now.x + now.width / 2.0 - before.x - before.width / 2.0)
    down = abs(now.y + now.height / 2.0 - before.y - before.height / 2.0)
    return max(across, down, abs(now.width - before.width)) < reach
