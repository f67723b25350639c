"""The mood of a room second by second: what tables, timelines and reports are made of."""

from __future__ import annotations

import msgspec
import numpy as np

from emotiond.records import EMOTIONS, RoomMood


class ReportError(Exception):
    """A table cannot be read or a picture not be drawn; the message is one line."""


class Second(msgspec.Struct, frozen=True):
    """One second of one source."""

    #: A file, a folder, a camera.
    source: str
    #: Since its source began; of a folder, the number of the picture.
    second: int
    #: In view, on average over the second.
    faces: float
    #: Share of each of ``EMOTIONS`` in the room; None where nobody was in view.
    shares: tuple[float, ...] | None
    #: Time of day, RFC 3339 in UTC; empty for files, whose time nobody knows.
    time: str = ""

    @property
    def dominant(self) -> str:
        """The emotion with the largest share; empty where nobody was in view."""
        return EMOTIONS[int(np.argmax(self.shares))] if self.shares else ""


class Seconds:
    """Averages the moods of frames over each second of one source, whose times must not fall."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._second: int | None = None
        self._faces: list[int] = []
        self._scores = np.zeros(len(EMOTIONS))
        self._with_mood = 0

    def add(self, room: RoomMood, time_seconds: float) -> list[Second]:
        """Take in one frame; return the second that it ends, if it ends one."""
        second = int(time_seconds + 1e-6)
        finished = self.end() if self._second is not None and second != self._second else []
        self._second = second
        self._faces.append(room.faces)
        if room.mood is not None:
            self._scores += room.mood.scores
            self._with_mood += 1
        return finished

    def end(self) -> list[Second]:
        """Return the second that has begun, if one has, and begin anew."""
        if self._second is None:
            return []
        shares = None
        if self._with_mood:
            mean = self._scores / max(float(self._scores.sum()), 1e-9)
            shares = tuple(round(share, 4) for share in mean.tolist())
        faces = round(sum(self._faces) / len(self._faces), 2)
        finished = Second(self._source, self._second, faces, shares)
        self._second, self._faces, self._with_mood = None, [], 0
        self._scores = np.zeros(len(EMOTIONS))
        return [finished]
