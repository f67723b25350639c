"""Faces of a clip that are followed without any tracker: each detection is linked to the nearest one before it.

What is measured so says how the detector and the network are, whatever our own tracker makes of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from emotiond import cameras
from emotiond.config import Camera, Config
from emotiond.records import Face, Frame
from emotiond.vision.detector import Detector
from emotiond.vision.reader import FaceReader

#: Detections are linked up to this distance in sides, and while their sides differ by less than this logarithm.
NEAR_SIDES: Final = 0.5
ALIKE: Final = 0.5


class Stretch(NamedTuple):
    """A part of a clip, in seconds."""

    path: Path
    begin: float
    end: float

    @classmethod
    def parse(cls, text: str) -> Stretch:
        """Read ``FILE`` or ``FILE@FROM-TO``."""
        path, _, span = text.partition("@")
        try:
            begin, end = map(float, span.split("-")) if span else (0.0, float("inf"))
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text}: write FILE or FILE@FROM-TO, in seconds") from error
        return cls(Path(path), begin, end)

    def frames(self, every_frames: int = 1) -> Iterator[Frame]:
        """Yield each ``every_frames``-th frame."""
        camera = Camera(name="clip", source=str(self.path), realtime=False)
        source = cameras.source(msgspec.structs.replace(Config(), camera=(camera,)), camera)
        source.open()
        try:
            index = 0
            while (picture := source.read()) is not None and picture.time_seconds < self.end:
                if picture.time_seconds >= self.begin and index % every_frames == 0:
                    yield Frame("clip", index, picture.time_seconds, picture.pixels, picture.name)
                index += 1
        finally:
            source.close()


@dataclass(frozen=True)
class Sight:
    """One detection of a followed face; ``look`` counts the looks of the detector."""

    look: int
    face: Face
    #: f32 (7,): what the network read, where it was asked.
    scores: NDArray[np.float32] | None = None

    def centre(self) -> NDArray[np.float64]:
        """Middle of the box, f64 (2,), in pixels."""
        box = self.face.box
        return np.array([box.x + box.width / 2.0, box.y + box.height / 2.0])


def watched(
    stretch: Stretch, every_frames: int, detector: Detector, reader: FaceReader | None = None
) -> tuple[list[list[Sight]], float]:
    """Return what the detector finds in each look at a clip, read by ``reader`` if any, and the seconds between two."""
    looks: list[list[Sight]] = []
    times = []
    for frame in stretch.frames(every_frames):
        faces = detector.detect(frame)
        readings = reader.read(frame, [face.box for face in faces]) if reader else [None] * len(faces)
        pairs = zip(faces, readings, strict=True)
        looks.append([Sight(len(looks), face, reading.scores if reading else None) for face, reading in pairs])
        times.append(frame.time_seconds)
    return looks, float(np.median(np.diff(times)))


def link(looks: list[list[Sight]], longest_gap: int) -> list[list[Sight]]:
    """Link the sights of each look to faces that were seen at most ``longest_gap`` looks before, the nearest first."""
    faces: list[list[Sight]] = []
    for number, sights in enumerate(looks):
        free = list(sights)
        for face in _by_distance(faces, sights, number - longest_gap):
            nearest = min(free, key=lambda sight: _away(face[-1], sight), default=None)
            if nearest is not None and _away(face[-1], nearest) < NEAR_SIDES:
                face.append(nearest)
                free.remove(nearest)
        faces += [[sight] for sight in free]
    return faces


def _by_distance(faces: list[list[Sight]], sights: list[Sight], since: int) -> list[list[Sight]]:
    """Faces seen ``since`` then, those with the nearest sight first."""
    lately = [face for face in faces if face[-1].look >= since] if sights else []
    return sorted(lately, key=lambda face: min(_away(face[-1], sight) for sight in sights))


def _away(before: Sight, now: Sight) -> float:
    """Distance in sides; endless where one is far larger than the other."""
    if abs(np.log(before.face.box.width / now.face.box.width)) > ALIKE:
        return float("inf")
    return float(np.hypot(*(before.centre() - now.centre()))) / now.face.box.width
