"""Follows faces over time: where each is expected, which detection it is, how long it lives. Never who it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Box, Face, Track
from emotiond.vision.association import pair
from emotiond.vision.doubts import Doubts
from emotiond.vision.lifecycle import Lifetimes, Lives
from emotiond.vision.motion import Motion
from emotiond.vision.reunion import reunite
from emotiond.vision.shake import shift
from emotiond.vision.state import Floats

#: What a track that is not confirmed yet is given for the little that can be known of its speed.
UNCONFIRMED_HANDICAP = -8.0
#: What a track that was missed is worse by than one that was found, where both want the same box.
MISSED_HANDICAP = 1.0
#: What one is worse by that was missed and is expected outside the picture: who is found at its edge has just come.
OUTSIDE_HANDICAP = 30.0
#: What a weak detection is worse by than one that the detector is sure of.
WEAK_HANDICAP = 4.0


class Tracked(NamedTuple):
    """What one frame did to the tracks."""

    #: Confirmed tracks that are in view.
    seen: list[Track]
    #: Numbers of the confirmed tracks that have left.
    gone: list[int]


class Tracker:
    """The tracks of one camera; numbers start where they are told and are never used again."""

    def __init__(
        self,
        lifetimes: Lifetimes,
        *,
        min_overlap: float,
        sure_score: float,
        wander: float,
        first_number: int = 1,
    ) -> None:
        self._lifetimes = lifetimes
        self._min_overlap = min_overlap
        self._sure_score = sure_score
        self._next_number = first_number
        self._motion = Motion(wander)
        self._doubts = Doubts(wander)
        self._lives = Lives.none()
        self._time_seconds = 0.0

    @property
    def empty(self) -> bool:
        """Whether nobody is followed, hidden and doubtful ones included."""
        return len(self._motion) == 0

    @property
    def restless(self) -> bool:
        """Whether some track needs the next detection soon: it is not confirmed yet, or the last one missed it."""
        return not (self._lives.confirmed(self._lifetimes) & (self._lives.misses == 0)).all()

    def update(
        self, faces: Sequence[Face], size_pixels: tuple[int, int], time_seconds: float, *, reach_pixels: float = 0.0
    ) -> Tracked:
        """Take in a detection in a frame of (width, height) pixels: continue tracks, begin some, end others.

        A face below ``sure_score`` may continue a track that no surer face fits as well, and begins none. A face smaller
        than ``reach_pixels`` is not missed where it is not found: nobody looked for it.
        """
        self._advance(time_seconds)
        # Who has been away for too long does not come back, not even with this detection.
        gone = self._forget(size_pixels)
        boxes = np.array([face.box for face in faces], np.float64).reshape(-1, 4)
        scores = np.array([face.score for face in faces], np.float64)
        sure = scores >= self._sure_score
        chosen = self._pair(boxes, sure, self._motion.outside(size_pixels))
        rows = np.flatnonzero(chosen >= 0)
        sought = np.exp(self._motion.sizes().mean(axis=1)) >= reach_pixels
        self._doubts.begin(rows[self._lives.misses[rows] > 0], self._motion, time_seconds)
        self._lives.found(rows, scores[chosen[rows]], self._time_seconds, sought)
        self._motion.correct(rows, boxes[chosen[rows]], size_pixels)
        self._doubts.settle(self._motion, time_seconds)
        sure[chosen[rows]] = False
        begun = np.flatnonzero(sure)
        self._begin(boxes[begun], scores[begun])
        detected = [faces[index] if index >= 0 else None for index in (*chosen.tolist(), *begun.tolist())]
        self._reunite(detected, size_pixels)
        return Tracked(self._view(detected), gone)

    def carry(self, size_pixels: tuple[int, int], time_seconds: float) -> Tracked:
        """Move the tracks on to a frame in which nobody looked for faces."""
        self._advance(time_seconds)
        gone = self._forget(size_pixels)
        return Tracked(self._view([None] * len(self._motion)), gone)

    def take_over(self, before: Tracker) -> None:
        """Go on with the tracks of ``before``, which may have other settings; it must not be used any more."""
        confirmed = before._lives.confirmed(before._lifetimes)
        self._motion.take_over(before._motion)
        self._doubts.take_over(before._doubts)
        self._lives = before._lives
        # Who has counted goes on counting, however many detections that takes now: else nobody would hear of the end.
        self._lives.hits[confirmed] = np.maximum(self._lives.hits[confirmed], self._lifetimes.confirm_detections + 1)
        self._next_number, self._time_seconds = before._next_number, before._time_seconds

    def reset(self) -> None:
        """Forget every track: what comes next has nothing to do with what was."""
        self._keep(np.zeros(len(self._motion), np.bool_))

    def _keep(self, which: NDArray[np.bool_]) -> None:
        for part in (self._motion, self._doubts, self._lives):
            part.keep(which)

    def _advance(self, time_seconds: float) -> None:
        # A clock that stands still or goes back moves nobody.
        elapsed = max(0.0, time_seconds - self._time_seconds)
        self._time_seconds = time_seconds
        for part in (self._motion, self._doubts):
            part.advance(min(elapsed, self._lifetimes.lost_seconds))

    def _pair(self, boxes: Floats, sure: NDArray[np.bool_], outside: NDArray[np.bool_]) -> NDArray[np.int64]:
        missed = self._lives.misses > 0
        lately = np.where(outside & missed, OUTSIDE_HANDICAP, MISSED_HANDICAP * missed)
        handicap = np.where(self._lives.confirmed(self._lifetimes), lately, UNCONFIRMED_HANDICAP)
        weak = np.where(sure, 0.0, WEAK_HANDICAP)
        chosen = pair(self._motion, boxes, min_overlap=self._min_overlap, handicap=handicap, weak=weak)
        shaken = shift(self._motion, boxes, chosen)
        if shaken is not None:
            for part in (self._motion, self._doubts):
                part.shift(*shaken)
            chosen = pair(self._motion, boxes, min_overlap=self._min_overlap, handicap=handicap, weak=weak)
        return chosen

    def _begin(self, boxes: Floats, scores: Floats) -> None:
        if len(boxes):
            numbers = np.arange(self._next_number, self._next_number + len(boxes), dtype=np.int64)
            self._next_number += len(boxes)
            for part in (self._motion, self._doubts):
                part.add(boxes)
            self._lives.add(numbers, scores, self._time_seconds)

    def _reunite(self, detected: list[Face | None], size_pixels: tuple[int, int]) -> None:
        """Let tracks that were lost, or mistaken, go on in those that would be confirmed now; ``detected`` follows."""
        lives = self._lives
        confirmed, found = lives.confirmed(self._lifetimes), lives.misses == 0
        # Who is told of already stays somebody of his own: his number has an end to be told of.
        new = found & (lives.hits == self._lifetimes.confirm_detections)
        new &= lives.last_seen_seconds == self._time_seconds
        if not new.any():
            return
        in_doubt = self._doubts.among(confirmed & found & ~new, self._time_seconds)
        lost = np.flatnonzero(confirmed & ~found)
        moves = reunite(self._motion, self._doubts.before, in_doubt, lost, np.flatnonzero(new), size_pixels)
        self._doubts.end(moves.rows[np.isin(moves.rows, in_doubt)])
        self._doubts.begin(moves.rows[np.isin(moves.rows, lost)], self._motion, self._time_seconds)
        for part in (self._motion, lives):
            part.move(moves.rows, moves.places)
        origin = np.arange(len(lives.number))
        origin[moves.rows] = moves.places
        stay = ~np.isin(np.arange(len(origin)), moves.over)
        self._keep(stay)
        detected[:] = [detected[row] for row in origin[stay].tolist()]

    def _forget(self, size_pixels: tuple[int, int]) -> list[int]:
        outside = self._motion.outside(size_pixels)
        over = self._lives.over(self._lifetimes, outside, self._time_seconds)
        if not over.any():
            return []
        gone: list[int] = self._lives.number[over & self._lives.confirmed(self._lifetimes)].tolist()
        self._keep(~over)
        return gone

    def _view(self, detected: Sequence[Face | None]) -> list[Track]:
        """List the tracks in view; ``detected`` holds for each row the face that this frame showed, if any."""
        lives = self._lives
        rows = np.flatnonzero(lives.in_view(self._lifetimes, self._time_seconds)).tolist()
        expected = self._motion.boxes().tolist() if any(detected[row] is None for row in rows) else []
        tracks = []
        for row, number, first, misses, score in zip(
            rows,
            lives.number[rows].tolist(),
            lives.first_seen_seconds[rows].tolist(),
            lives.misses[rows].tolist(),
            lives.score[rows].tolist(),
            strict=True,
        ):
            face = detected[row]
            tracks.append(Track(number, face or Face(Box(*expected[row]), score), first, found=misses == 0))
        return tracks
