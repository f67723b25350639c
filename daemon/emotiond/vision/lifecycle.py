"""How long a track lives: begun, confirmed, lost, gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Lifetimes:
    """When a track begins to count and when it ends."""

    #: Detections that confirm a track.
    confirm_detections: int
    #: How long a confirmed face that is not found stays in view, carried by its motion.
    hold_seconds: float
    #: How long it may be out of sight before it has left,
    lost_seconds: float
    #: and how long where it was last expected outside the picture.
    outside_seconds: float
    #: How long a track may be missing before it is confirmed, beyond one missed detection.
    unconfirmed_seconds: float


@dataclass
class Lives:
    """The lives of n tracks, one element each."""

    number: NDArray[np.int64]
    first_seen_seconds: NDArray[np.float64]
    last_seen_seconds: NDArray[np.float64]
    #: Detections found, and missed since the last one that was.
    hits: NDArray[np.int64]
    misses: NDArray[np.int64]
    score: NDArray[np.float64]

    @classmethod
    def none(cls) -> Lives:
        """Begin without any track."""
        whole, real = np.zeros(0, np.int64), np.zeros(0)
        return cls(whole, real, real, whole, whole, real)

    def add(self, numbers: NDArray[np.int64], scores: NDArray[np.float64], time_seconds: float) -> None:
        """Append tracks that begin now."""
        count = len(numbers)
        now = np.full(count, time_seconds)
        self.number = np.concatenate([self.number, numbers])
        self.first_seen_seconds = np.concatenate([self.first_seen_seconds, now])
        self.last_seen_seconds = np.concatenate([self.last_seen_seconds, now])
        self.hits = np.concatenate([self.hits, np.ones(count, np.int64)])
        self.misses = np.concatenate([self.misses, np.zeros(count, np.int64)])
        self.score = np.concatenate([self.score, scores])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Drop the tracks that are not in ``which``, bool (n,)."""
        self.number, self.score = self.number[which], self.score[which]
        self.first_seen_seconds = self.first_seen_seconds[which]
        self.last_seen_seconds = self.last_seen_seconds[which]
        self.hits, self.misses = self.hits[which], self.misses[which]

    def found(
        self,
        rows: NDArray[np.intp],
        scores: NDArray[np.float64],
        time_seconds: float,
        sought: NDArray[np.bool_],
    ) -> None:
        """Book a detection that found ``rows``, and no other track of ``sought``, bool (n,)."""
        self.misses += sought
        self.misses[rows] = 0
        self.hits[rows] += 1
        self.last_seen_seconds[rows] = time_seconds
        self.score[rows] = scores

    def move(self, rows: NDArray[np.intp], places: NDArray[np.intp]) -> None:
        """Let the tracks ``rows``, (m,), be found where the tracks ``places``, (m,), are, all at once."""
        for part in (self.misses, self.score, self.last_seen_seconds):
            part[rows] = part[places]

    def confirmed(self, lifetimes: Lifetimes) -> NDArray[np.bool_]:
        """Say which tracks count."""
        confirmed: NDArray[np.bool_] = self.hits >= lifetimes.confirm_detections
        return confirmed

    def in_view(self, lifetimes: Lifetimes, time_seconds: float) -> NDArray[np.bool_]:
        """Say which tracks are shown: found by the last detection, or missed only a moment ago."""
        lately = (self.misses == 0) | (time_seconds - self.last_seen_seconds <= lifetimes.hold_seconds)
        shown: NDArray[np.bool_] = self.confirmed(lifetimes) & lately
        return shown

    def over(self, lifetimes: Lifetimes, outside: NDArray[np.bool_], time_seconds: float) -> NDArray[np.bool_]:
        """Say which tracks have ended; ``outside``, bool (n,), are expected beyond the picture's edge."""
        unseen_seconds = time_seconds - self.last_seen_seconds
        confirmed = self.confirmed(lifetimes)
        # A track that one detection can still save waits for it, however rare detections are.
        stray = ~confirmed & (self.misses >= 2) & (unseen_seconds > lifetimes.unconfirmed_seconds)
        left = outside & (self.misses >= 1) & (unseen_seconds > lifetimes.outside_seconds)
        return stray | left | (unseen_seconds > lifetimes.lost_seconds)
