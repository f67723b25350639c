"""The mood of the room: the average of the probabilities over all faces in view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emotiond.mood.steady import mood_of
from emotiond.records import FaceMood, RoomMood


def room_mood(faces: Sequence[FaceMood]) -> RoomMood:
    """Average over ``faces``, those that were rejected left out; an empty room has no mood."""
    counted = [face.mood.scores for face in faces if not face.rejected]
    if not counted:
        return RoomMood(0, None)
    return RoomMood(len(counted), mood_of(np.mean(counted, axis=0, dtype=np.float32), unknown_below=0.0))
