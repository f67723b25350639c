"""The detector and the reader of a generated scene: they look the answers up in the play instead of in pixels."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from emotiond.bench.actors import HEIGHT_PIXELS, WIDTH_PIXELS
from emotiond.bench.scene import SURE_SCORE, Play
from emotiond.records import EMOTIONS, Box, Face, Frame, Reading
from emotiond.vision.association import overlaps
from emotiond.vision.quality import Eyesight
from emotiond.vision.sidecar import Sidecar

CAMERA = "bench"
#: From this overlap on a box shows the face that is truly there.
SHOWN_OVERLAP = 0.3
#: What is read where no face is: no emotion more than another.
NOTHING: Final = np.full(len(EMOTIONS), 1.0 / len(EMOTIONS), np.float32)
#: The probability of *not a face* that is read in a face, and in what the network takes for none.
FACE: Final = 0.05
WALL: Final = 1.0


def frames(play: Play) -> Iterator[Frame]:
    """Yield the frames of a play; their pixels are blank, and nobody looks at them."""
    blank = np.zeros((HEIGHT_PIXELS, WIDTH_PIXELS, 1), np.uint8)
    for index, now in enumerate(play.times.tolist()):
        yield Frame(CAMERA, index, now, blank, "bench:")


class Finder:
    """Finds what the play says that is found."""

    sure_score = SURE_SCORE
    seconded_score = None

    def __init__(self, play: Play) -> None:
        self._play = play
        #: Time spent here, which is none of the pipeline's.
        self.seconds = 0.0

    def detect(
        self,
        frame: Frame,
        *,
        thorough: bool = False,  # noqa: ARG002 - the play has it all
        min_face_pixels: int | None = None,  # noqa: ARG002 - the play has it all
    ) -> list[Face]:
        """Return the faces that are found in ``frame``."""
        return self._play.found[frame.index]

    def look_coarser(self, times: int) -> None:
        """Do nothing: the play is found as it is written."""

    def reach_pixels(self, frame: Frame, min_face_pixels: int | None = None) -> float:  # noqa: ARG002 - always the same
        """Return 0: the play knows of no small faces."""
        return 0.0


class Onlooker:
    """Reads what the play says that is read: of the face under a box, or of the wall."""

    def __init__(self, play: Play, sidecar: Sidecar, eyesight: Eyesight) -> None:
        self.sidecar = sidecar
        self._play = play
        self._eyesight = eyesight
        #: Time spent here, which is none of the pipeline's.
        self.seconds = 0.0

    def read(self, frame: Frame, boxes: Sequence[Box]) -> list[Reading]:
        """Return one reading for each of ``boxes``."""
        began = time.perf_counter()
        readings = self._read(frame.index, boxes) if boxes else []
        self.seconds += time.perf_counter() - began
        return readings

    def _read(self, index: int, boxes: Sequence[Box]) -> list[Reading]:
        play = self._play
        who = np.flatnonzero(play.visible[index])
        # Who is there to be seen, and then what deceives the network.
        deceiving = play.deceiving[index]
        shown = np.concatenate([play.boxes[index, who], deceiving])
        scores = np.concatenate([play.scores[index, who], np.tile(NOTHING, (len(deceiving), 1))])
        overlap = overlaps(np.array(boxes, np.float64), shown)
        quality = self._eyesight.of_boxes(boxes, (WIDTH_PIXELS, HEIGHT_PIXELS)).tolist()
        return [
            Reading(scores[row.argmax()], FACE, seen)
            if row.max(initial=0.0) >= SHOWN_OVERLAP
            else Reading(NOTHING, WALL, seen)
            for row, seen in zip(overlap, quality, strict=True)
        ]
