"""Draws what was seen into the picture: boxes, words, and the mood of the room."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS, UNKNOWN, FaceMood, PixelFormat, RoomMood, Scene
from emotiond.report.palette import INKS, STACK

Canvas = NDArray[np.uint8]
_TO_BGR: Final = {
    PixelFormat.GRAY: cv2.COLOR_GRAY2BGR,
    PixelFormat.YUYV: cv2.COLOR_YUV2BGR_YUY2,
    PixelFormat.NV12: cv2.COLOR_YUV2BGR_NV12,
}
_FONT: Final = cv2.FONT_HERSHEY_DUPLEX
_BLACK: Final = (0, 0, 0)
_WHITE: Final = (255, 255, 255)
#: Height of letters at scale 1, in pixels.
_LETTER_PIXELS: Final = 22.0
#: Letters are a fifth of a face high, but never outside of these shares of the picture.
_LETTER_OF_FACE: Final = 0.17
_SMALLEST_LETTER, _LARGEST_LETTER = 0.017, 0.045
#: The bar of the room at the lower edge, as a share of the height.
_BAR: Final = 0.025


def annotated(scene: Scene, *, named: bool = True) -> Canvas:
    """Return a copy of the picture, u8 (height, width, 3) BGR, with everything drawn in.

    Not ``named``, faces are framed and nothing is said of them.
    """
    frame = scene.frame
    seen = cv2.cvtColor(frame.pixels, _TO_BGR[frame.format]) if frame.format in _TO_BGR else frame.pixels
    canvas = np.array(seen, np.uint8)
    # From the back to the front: the words of a near face cover those of a far one.
    for face in sorted(scene.faces, key=lambda face: face.face.box.height):
        if not face.rejected:
            _draw_face(canvas, face, named=named)
    if named or scene.room.mood:
        _draw_room(canvas, scene.room)
    return canvas


def _draw_face(canvas: Canvas, face: FaceMood, *, named: bool) -> None:
    height = canvas.shape[0]
    x, y, w, h = (round(side) for side in face.face.box)
    ink = INKS[face.mood.emotion if named else UNKNOWN]
    thick = max(1, round(height / 240))
    # A dark line under the coloured one: one of the two stands out from any background.
    cv2.rectangle(canvas, (x, y), (x + w, y + h), _BLACK, thick + 2)
    cv2.rectangle(canvas, (x, y), (x + w, y + h), ink.rgb[::-1], thick)
    if not named:
        return
    letter = float(
        np.clip(_LETTER_OF_FACE * h, max(_SMALLEST_LETTER * height, 7.0), max(_LARGEST_LETTER * height, 8.0))
    )
    _write(canvas, f"{face.mood.emotion} {face.mood.confidence:.0%}", (x, y), letter, ink.rgb, dark=ink.dark)


def _draw_room(canvas: Canvas, room: RoomMood) -> None:
    height, width = canvas.shape[:2]
    bar = max(4, round(_BAR * height))
    cv2.rectangle(canvas, (0, height - bar), (width, height), _BLACK, cv2.FILLED)
    words = "nobody in view"
    if room.mood is not None:
        words = f"{room.faces} face{'s' if room.faces != 1 else ''}, {room.mood.emotion} {room.mood.confidence:.0%}"
        left = 0.0
        for emotion in reversed(STACK):
            right = left + float(room.mood.scores[EMOTIONS.index(emotion)]) * width
            corners = (round(left), height - bar + 1), (round(right) - 1, height)
            if corners[1][0] >= corners[0][0]:
                cv2.rectangle(canvas, *corners, INKS[emotion].rgb[::-1], cv2.FILLED)
            left = right
    _write(canvas, words, (2, height - bar - 1), max(0.024 * height, 7.0), (30, 30, 30), dark=True)


def _write(
    canvas: Canvas, words: str, corner: tuple[int, int], letter: float, plate: tuple[int, int, int], *, dark: bool
) -> None:
    """Write on a plate whose lower left corner is ``corner``, moved as far as it takes to be seen whole."""
    scale = letter / _LETTER_PIXELS
    (wide, tall), below = cv2.getTextSize(words, _FONT, scale, 1)
    margin = max(2, round(letter / 5))
    wide, tall = wide + 2 * margin, tall + below + 2 * margin
    x = int(np.clip(corner[0], 0, max(canvas.shape[1] - wide, 0)))
    y = int(np.clip(corner[1] - tall, 0, max(canvas.shape[0] - tall, 0)))
    cv2.rectangle(canvas, (x, y), (x + wide, y + tall), plate[::-1], cv2.FILLED)
    at = (x + margin, y + tall - margin - below)
    cv2.putText(canvas, words, at, _FONT, scale, _WHITE if dark else _BLACK, 1, cv2.LINE_AA)
