"""Follows faces from frame to frame by the overlap of their boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Box, Face, Track


class Tracked(NamedTuple):
    """What one frame did to the tracks."""

    #: Confirmed tracks that are in view.
    seen: list[Track]
    #: Numbers of the confirmed tracks that have been out of sight for too long.
    gone: list[int]


@dataclass
class _Candidate:
    number: int
    face: Face
    first_seen_seconds: float
    last_seen_seconds: float
    detections: int


class Tracker:
    """The tracks of one camera; numbers start where they are told and are never used again."""

    def __init__(
        self, *, min_overlap: float, confirm_detections: int, lost_seconds: float, first_number: int = 1
    ) -> None:
        self._min_overlap = min_overlap
        self._confirm_detections = confirm_detections
        self._lost_seconds = lost_seconds
        self._next_number = first_number
        self._candidates: list[_Candidate] = []

    def update(self, faces: Sequence[Face], time_seconds: float) -> Tracked:
        """Give each face to the track that it overlaps most, and begin a track for every other one."""
        matches = _match([candidate.face.box for candidate in self._candidates], faces, self._min_overlap)
        for index, candidate in enumerate(self._candidates):
            if index in matches:
                candidate.face = faces[matches[index]]
                candidate.last_seen_seconds = time_seconds
                candidate.detections += 1
        taken = set(matches.values())
        for index, face in enumerate(faces):
            if index not in taken:
                self._candidates.append(_Candidate(self._next_number, face, time_seconds, time_seconds, 1))
                self._next_number += 1
        gone = self._forget(time_seconds)
        seen = [
            Track(candidate.number, candidate.face, candidate.first_seen_seconds)
            for candidate in self._candidates
            if candidate.last_seen_seconds == time_seconds and self._confirmed(candidate)
        ]
        return Tracked(seen, gone)

    def reset(self) -> None:
        """Forget every track: what comes next has nothing to do with what was."""
        self._candidates = []

    def _confirmed(self, candidate: _Candidate) -> bool:
        return candidate.detections >= self._confirm_detections

    def _forget(self, time_seconds: float) -> list[int]:
        stay: list[_Candidate] = []
        gone: list[int] = []
        for candidate in self._candidates:
            if time_seconds - candidate.last_seen_seconds <= self._lost_seconds:
                stay.append(candidate)
            elif self._confirmed(candidate):
                gone.append(candidate.number)
        self._candidates = stay
        return gone


def _match(boxes: Sequence[Box], faces: Sequence[Face], min_overlap: float) -> dict[int, int]:
    """Map index of box to index of face, best overlap first, each used once."""
    if not boxes or not faces:
        return {}
    overlap = overlaps(np.array(boxes, np.float64), np.array([face.box for face in faces], np.float64))
    matches: dict[int, int] = {}
    used: set[int] = set()
    for flat in np.argsort(-overlap, axis=None, kind="stable"):
        box, face = divmod(int(flat), len(faces))
        if overlap[box, face] < min_overlap:
            break
        if box not in matches and face not in used:
            matches[box] = face
            used.add(face)
    return matches


def overlaps(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of f64 (n, 4) with f64 (m, 4) boxes (x, y, width, height): f64 (n, m)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, :2] + first[:, None, 2:], second[None, :, :2] + second[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    union = first[:, 2:].prod(axis=1)[:, None] + second[:, 2:].prod(axis=1)[None, :] - shared
    overlap: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)
    return overlap
