"""What most systems of this kind do, to compare with: a tracker by overlap alone, and the raw top class.

The mood of the room is the share of the faces in view that have each emotion as their top class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emotiond.mood.steady import mood_of
from emotiond.records import EMOTIONS, Event, EventKind, Face, FaceMood, Frame, Mood, RoomMood, Scene
from emotiond.vision.association import overlaps
from emotiond.vision.detector import Detector
from emotiond.vision.reader import FaceReader

MIN_OVERLAP = 0.3
CONFIRM_DETECTIONS = 3
LOST_SECONDS = 1.5


@dataclass
class _Track:
    number: int
    face: Face
    seen_seconds: float
    detections: int = 1
    found: bool = True
    mood: Mood | None = None


class Plain:
    """Greedy pairing by overlap; every reading is believed as it comes."""

    def __init__(self, detector: Detector, reader: FaceReader, detect_every_frames: int) -> None:
        self._detector = detector
        self._reader = reader
        self._every = detect_every_frames
        self._tracks: list[_Track] = []
        self._number = 0

    def process(self, frame: Frame) -> Scene:
        """Take a frame through all stages."""
        now = frame.time_seconds
        gone = self._follow(self._detector.detect(frame), now) if frame.index % self._every == 0 else []
        events = [_event(EventKind.LEAVE, frame.camera, track, now) for track in gone if track.mood]
        seen = [track for track in self._tracks if track.found and track.detections >= CONFIRM_DETECTIONS]
        for track, reading in zip(seen, self._reader.read(frame, [track.face.box for track in seen]), strict=True):
            if reading.not_a_face > self._reader.sidecar.reject_above:
                continue
            before, track.mood = track.mood, mood_of(reading.scores, 0.0)
            if before is None:
                events.append(_event(EventKind.ENTER, frame.camera, track, now))
            elif before.emotion != track.mood.emotion:
                events.append(_event(EventKind.CHANGE, frame.camera, track, now))
        faces = [FaceMood(track.face, track.mood, track.number) for track in seen if track.mood]
        return Scene(frame, faces, _room(faces), events)

    def end(self, camera: str) -> list[Event]:
        """Let everybody leave."""
        gone, self._tracks = self._tracks, []
        return [_event(EventKind.LEAVE, camera, track, track.seen_seconds) for track in gone if track.mood]

    def _follow(self, faces: list[Face], now: float) -> list[_Track]:
        pairs = _greedy(self._tracks, faces)
        for index, track in enumerate(self._tracks):
            track.found = index in pairs
            if track.found:
                track.face, track.seen_seconds, track.detections = faces[pairs[index]], now, track.detections + 1
        taken = set(pairs.values())
        for index, face in enumerate(faces):
            if index not in taken:
                self._number += 1
                self._tracks.append(_Track(self._number, face, now))
        gone = [track for track in self._tracks if now - track.seen_seconds > LOST_SECONDS]
        self._tracks = [track for track in self._tracks if now - track.seen_seconds <= LOST_SECONDS]
        return gone


def _greedy(tracks: list[_Track], faces: list[Face]) -> dict[int, int]:
    """Map index of track to index of face, best overlap first, each used once."""
    pairs: dict[int, int] = {}
    if not tracks or not faces:
        return pairs
    overlap = overlaps(
        np.array([track.face.box for track in tracks], np.float64), np.array([face.box for face in faces], np.float64)
    )
    used: set[int] = set()
    for flat in np.argsort(-overlap, axis=None, kind="stable"):
        track, face = divmod(int(flat), len(faces))
        if overlap[track, face] < MIN_OVERLAP:
            break
        if track not in pairs and face not in used:
            pairs[track] = face
            used.add(face)
    return pairs


def _room(faces: list[FaceMood]) -> RoomMood:
    if not faces:
        return RoomMood(0, None)
    tops = [int(face.mood.scores.argmax()) for face in faces]
    shares = np.bincount(tops, minlength=len(EMOTIONS)) / len(tops)
    return RoomMood(len(faces), mood_of(shares.astype(np.float32), 0.0))


def _event(kind: EventKind, camera: str, track: _Track, now: float) -> Event:
    mood = track.mood
    if mood is None:
        raise ValueError("a track without a mood has no events")
    return Event(kind, camera, track.number, now, track.face.box, mood)
