"""Draws into a picture what was found in it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.mqtt.discretion import Discretion
from emotiond.records import FaceMood, Scene

#: BGR.
_FACE: Final = (80, 220, 80)
_REJECTED: Final = (60, 60, 220)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX


def annotated(scene: Scene, discretion: Discretion) -> NDArray[np.uint8]:
    """Return a copy of the scene's picture, u8 (height, width, 3) BGR, with its faces framed and the room in a corner.

    Where only the room may be told of, no face is named; what was turned away is framed in another color.
    """
    pixels = scene.frame.pixels
    picture = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels.copy()
    # Lines and letters that can be seen in a picture of any size.
    scale = max(picture.shape[0] / 720.0, 0.7)
    for face in scene.faces:
        _frame(picture, face, scale, named=not discretion.room_only)
    room, faces = scene.room, discretion.counted(scene.room.faces)
    if faces and room.mood:
        _write(
            picture,
            f"{faces} faces: {room.mood.emotion} {room.mood.confidence:.0%}",
            (10, picture.shape[0] - 10),
            scale,
        )
    return picture


def _frame(picture: NDArray[np.uint8], face: FaceMood, scale: float, *, named: bool) -> None:
    x, y, width, height = (round(side) for side in face.face.box)
    color = _REJECTED if face.rejected else _FACE
    cv2.rectangle(picture, (x, y), (x + width, y + height), color, max(2, round(2 * scale)))
    if named and not face.rejected:
        _write(picture, f"{face.mood.emotion} {face.mood.confidence:.0%}", (x, max(12, y - 6)), scale)


def _write(picture: NDArray[np.uint8], text: str, place: tuple[int, int], scale: float) -> None:
    # Dark letters behind light ones can be read on any ground.
    for color, thickness in (((0, 0, 0), 4), ((255, 255, 255), 1)):
        cv2.putText(picture, text, place, _FONT, 0.6 * scale, color, max(1, round(thickness * scale)), cv2.LINE_AA)
