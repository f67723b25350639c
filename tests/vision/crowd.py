"""A tracker to be tried, and the faces that it is shown."""

from __future__ import annotations

from emotiond.records import Box, Face
from emotiond.vision.lifecycle import Lifetimes
from emotiond.vision.tracker import Tracker

SIZE = (1280, 720)


def make_tracker(*, sure_score: float = 0.0, confirm_detections: int = 3, first_number: int = 1) -> Tracker:
    lifetimes = Lifetimes(
        confirm_detections=confirm_detections,
        hold_seconds=0.3,
        lost_seconds=4.0,
        outside_seconds=0.5,
        unconfirmed_seconds=0.5,
    )
    return Tracker(lifetimes, min_overlap=0.3, sure_score=sure_score, wander=1.5, first_number=first_number)


def face(x: float, y: float = 300.0, side: float = 60.0, score: float = 1.0) -> Face:
    return Face(Box(x - side / 2.0, y - side / 2.0, side, side), score)
