"""The JSON line of one picture or frame."""

from __future__ import annotations

from typing import Any

import msgspec

from emotiond.mqtt.wording import by_name
from emotiond.records import FaceMood, Frame, Mood, Scene


def as_json(scene: Scene, min_score: float) -> bytes:
    """Write a scene as one line; faces with a lower score than ``min_score`` are left out."""
    frame, room = scene.frame, scene.room
    line = {
        "source": frame.source,
        "frame": frame.index,
        "time_seconds": round(frame.time_seconds, 3),
        "faces": [_face(face, frame) for face in scene.faces if face.face.score >= min_score],
        "room": {"faces": room.faces, **(_mood(room.mood) if room.mood else {"emotion": None})},
    }
    return msgspec.json.encode(line) + b"\n"


def _face(face: FaceMood, frame: Frame) -> dict[str, Any]:
    box = face.face.box.inside(frame.width, frame.height)
    line = {"box": [round(side, 1) for side in box], "score": round(face.face.score, 4), **_mood(face.mood)}
    if face.track is not None:
        line["track"] = face.track
    if face.rejected:
        line["rejected"] = True
    return line


def _mood(mood: Mood) -> dict[str, Any]:
    return {"emotion": mood.emotion, "confidence": round(mood.confidence, 4), "scores": by_name(mood.scores)}
