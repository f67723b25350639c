"""The bench of the readings on a real clip: no truth there, so it tells what can be counted, and draws what it saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from emotiond import cameras, parts
from emotiond.capture.source import Source, SourceError
from emotiond.config import Camera, Config
from emotiond.records import Event, EventKind, Frame, Scene

CAMERA: Final = "clip"
#: Pictures in a strip, and the height of each.
STRIP_PICTURES: Final = 8
STRIP_PIXELS: Final = 360


@dataclass
class Watched:
    """What a clip showed."""

    frames: int = 0
    seconds: float = 0.0
    events: list[Event] = field(default_factory=list)
    #: For each track the times at which it was in view.
    seen: dict[int, list[float]] = field(default_factory=dict)
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Tell it in words."""
        kinds = Counter(event.kind for event in self.events)
        lengths = sorted((times[-1] - times[0] for times in self.seen.values()), reverse=True)
        face_minutes = sum(len(times) for times in self.seen.values()) * self.seconds / max(self.frames, 1) / 60.0
        told = ", ".join(f"{length:.1f}" for length in lengths) or "none"
        return [
            f"{self.frames} frames, {self.seconds:.1f} s",
            f"{len(self.seen)} tracks; seconds from first to last: {told}",
            f"{kinds[EventKind.ENTER]} enter, {kinds[EventKind.CHANGE]} change, {kinds[EventKind.LEAVE]} leave",
            f"{kinds[EventKind.CHANGE] / max(face_minutes, 1e-9):.2f} changes per face and minute",
            f"{face_minutes:.2f} minutes of faces in view",
        ]


def watch(path: str, config: Config, *, draw: bool) -> Watched:
    """Take a clip through the pipeline; raise ``SourceError`` where it cannot be read."""
    camera = Camera(name=CAMERA, source=path, realtime=False)
    config = msgspec.structs.replace(config, camera=(camera,))
    pipeline = parts.pipeline(config)
    source = cameras.source(config, camera)
    if source.live or source.still:
        raise SourceError(f"{path}: is no clip; the bench reads video files")
    watched = Watched()
    for frame in _frames(source):
        scene = pipeline.process(frame)
        watched.frames, watched.seconds = frame.index + 1, frame.time_seconds
        watched.events += scene.events
        for face in scene.faces:
            if face.track is not None:
                watched.seen.setdefault(face.track, []).append(frame.time_seconds)
        if draw:
            watched.pictures.append(_drawn(scene))
    watched.events += pipeline.end(CAMERA)
    return watched


def write_strip(watched: Watched, path: Path) -> None:
    """Write pictures from all over the clip, with tracks and moods drawn in, as one; raise OSError where it fails."""
    chosen = np.linspace(0, len(watched.pictures) - 1, STRIP_PICTURES).round().astype(int)
    strip = np.concatenate([watched.pictures[index] for index in chosen], axis=0)
    good, code = cv2.imencode(".png", strip)
    if not good:
        raise OSError(f"{path}: the strip cannot be encoded")
    path.write_bytes(code.tobytes())


def _frames(source: Source) -> Iterator[Frame]:
    source.open()
    try:
        index = 0
        while (picture := source.read()) is not None:
            yield Frame(CAMERA, index, picture.time_seconds, picture.pixels, picture.name)
            index += 1
    finally:
        source.close()


def _drawn(scene: Scene) -> NDArray[np.uint8]:
    pixels = scene.frame.pixels
    zoom = STRIP_PIXELS / pixels.shape[0]
    picture = cv2.resize(pixels, (round(pixels.shape[1] * zoom), STRIP_PIXELS))
    canvas = np.asarray(picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    for face in scene.faces:
        x, y, width, height = (round(side * zoom) for side in face.face.box)
        cv2.rectangle(canvas, (x, y), (x + width, y + height), (80, 220, 80), 1)
        words = f"{face.track} {face.mood.emotion}"
        cv2.putText(canvas, words, (x, max(y - 3, 10)), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (80, 220, 80), 1)
    return canvas
