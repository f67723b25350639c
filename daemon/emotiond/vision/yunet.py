"""YuNet, or any network that OpenCV's ``FaceDetectorYN`` runs, from a user's own ``.onnx`` file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.records import Face, Frame, PixelFormat
from emotiond.vision.detector import smallest_pixels
from emotiond.vision.framing import Square
from emotiond.vision.sidecar import ModelError
from emotiond.vision.view import LARGEST_ZOOM, ratio_for

#: Side of the smallest face that it finds well, in pixels of its input.
SEEN_PIXELS: Final = 10.0
SURE_SCORE: Final = 0.6
WEAK_SCORE: Final = 0.3
MOST_OVERLAP: Final = 0.4
MOST_BOXES: Final = 5000
#: Its boxes reach from the brow to the chin, and are as much narrower than Haar's squares as ours are.
SQUARE: Final = Square(side=1.2)
_TO_BGR: Final = {
    PixelFormat.GRAY: cv2.COLOR_GRAY2BGR,
    PixelFormat.YUYV: cv2.COLOR_YUV2BGR_YUY2,
    PixelFormat.NV12: cv2.COLOR_YUV2BGR_NV12,
}


class YuNet:
    """A detector of OpenCV's own; wants colour, and takes gray too. Raises ``ModelError`` where the file is none."""

    def __init__(self, model: Path, min_face_pixels: int, weakest: float | None = None) -> None:
        self.sure_score = SURE_SCORE
        self.seconded_score = None
        self._min_face_pixels = min_face_pixels
        self._coarser = 1
        self._size = (320, 320)
        weakest = WEAK_SCORE if weakest is None else min(max(weakest, 0.0), 1.0)
        if not model.is_file():
            raise ModelError(f"[detector] model: {model}: no such file; yunet needs the path of an .onnx file")
        try:
            self._network: Any = cv2.FaceDetectorYN.create(
                str(model), "", self._size, weakest, MOST_OVERLAP, MOST_BOXES
            )
            self._network.detect(np.zeros((320, 320, 3), np.uint8))
        except cv2.error as error:
            raise ModelError(f"[detector] model: {model}: not a network that FaceDetectorYN can run") from error

    def detect(self, frame: Frame, *, thorough: bool = False, min_face_pixels: int | None = None) -> list[Face]:
        """Return the faces; the score is the network's own, 0..1."""
        ratio = 1.0 if thorough else self._ratio(frame, min_face_pixels)
        pixels = _bgr(frame)
        if ratio != 1.0:
            size = (max(1, round(frame.width / ratio)), max(1, round(frame.height / ratio)))
            how = cv2.INTER_AREA if ratio > 1.0 else cv2.INTER_LINEAR
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
        size = (pixels.shape[1], pixels.shape[0])
        if size != self._size:
            self._network.setInputSize(size)
            self._size = size
        found = self._network.detect(pixels)[1]
        if found is None:
            return []
        rows = np.asarray(found, np.float32)[:, [0, 1, 2, 3, 14]]
        rows[:, :4] *= ratio
        # What has no area is no face.
        return SQUARE.faces(rows[(rows[:, 2] > 0.0) & (rows[:, 3] > 0.0)])

    def reach_pixels(self, frame: Frame, min_face_pixels: int | None = None) -> float:
        """Side of the smallest face that is found at the size at which the frame is looked at."""
        ratio = self._ratio(frame, min_face_pixels)
        return ratio * SEEN_PIXELS if ratio > 1.0 else 0.0

    def look_coarser(self, times: int) -> None:
        """See live pictures so many times smaller."""
        self._coarser = times

    def _ratio(self, frame: Frame, min_face_pixels: int | None) -> float:
        smallest = smallest_pixels(min_face_pixels, frame.height, self._min_face_pixels)
        ratio = ratio_for(smallest, SEEN_PIXELS)
        return min(max(ratio, 1.0 / LARGEST_ZOOM), 1.0) if frame.still else ratio * self._coarser


def _bgr(frame: Frame) -> NDArray[np.uint8]:
    if frame.pixels.shape[2] == 3:
        return frame.pixels
    form = PixelFormat.GRAY if frame.format is PixelFormat.BGR else frame.format
    return np.asarray(cv2.cvtColor(frame.pixels, _TO_BGR[form]), np.uint8)
