"""From the records of the house to the fields of messages: names, and figures to as many places as mean something."""

from __future__ import annotations

from emotiond.mqtt.contract import CameraHealth, FaceState
from emotiond.records import EMOTIONS, Box, CameraLoad, CameraReport, Scene, Scores


def faces_of(scene: Scene) -> list[FaceState]:
    """Return the faces in view; what was turned away is none."""
    width, height = scene.frame.width, scene.frame.height
    return [
        FaceState(
            face.track,
            face.mood.emotion,
            round(face.mood.confidence, 3),
            rounded(face.face.box.fractions_of(width, height)),
        )
        for face in scene.faces
        if not face.rejected
    ]


def camera_health(report: CameraReport, load: CameraLoad) -> CameraHealth:
    """Put a camera's report and load together."""
    return CameraHealth(
        state=report.state.value,
        reason=report.reason,
        paused=load.paused,
        frames=report.frames,
        dropped=report.dropped,
        frames_per_second=round(load.frames_per_second, 1),
        faces=load.faces,
        readings_per_second=round(load.readings_per_second, 1),
        damaged=report.damaged,
        reopened=report.reopened,
    )


def milliseconds(seconds: float | None) -> float | None:
    """Return seconds as milliseconds to one place."""
    return None if seconds is None else round(seconds * 1000.0, 1)


def by_name(scores: Scores) -> dict[str, float]:
    """Return scores under the names of the emotions, to three places."""
    return {emotion: round(float(score), 3) for emotion, score in zip(EMOTIONS, scores, strict=True)}


def rounded(box: Box) -> tuple[float, float, float, float]:
    """Return a box to four places."""
    x, y, width, height = (round(side, 4) for side in box)
    return x, y, width, height
