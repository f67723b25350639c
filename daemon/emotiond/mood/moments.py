"""Arousing moments: one emotion of the room has risen by much within a short time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from emotiond.records import EMOTIONS, Moment, RoomMood, Scores

#: Frames that are remembered at most.
LONGEST_WINDOW: Final = 1024


@dataclass(frozen=True)
class Arousal:
    """What counts as a moment."""

    #: How far the share of an emotion must rise,
    rise: float
    #: and within which time. The same emotion has no other moment for as long.
    within_seconds: float


class Moments:
    """Watches the room of one camera; what nobody feels in an empty room rises nowhere."""

    def __init__(self, camera: str, arousal: Arousal) -> None:
        self._camera = camera
        self._arousal = arousal
        self._window: deque[tuple[float, Scores]] = deque(maxlen=LONGEST_WINDOW)
        self._last_seconds = np.full(len(EMOTIONS), -np.inf)

    def update(self, room: RoomMood, time_seconds: float) -> list[Moment]:
        """Take in the mood of one frame; return the moments that it brings, at most one for each emotion."""
        if room.mood is None:
            self._window.clear()
            return []
        while self._window and time_seconds - self._window[0][0] > self._arousal.within_seconds:
            self._window.popleft()
        self._window.append((time_seconds, room.mood.scores))
        lowest = np.min([scores for _, scores in self._window], axis=0)
        rise = room.mood.scores - lowest
        due = (rise >= self._arousal.rise) & (time_seconds - self._last_seconds > self._arousal.within_seconds)
        self._last_seconds[due] = time_seconds
        return [
            Moment(
                self._camera,
                EMOTIONS[n],
                float(room.mood.scores[n]),
                float(rise[n]),
                self._arousal.within_seconds,
                time_seconds,
                room.faces,
            )
            for n in np.flatnonzero(due)
        ]
