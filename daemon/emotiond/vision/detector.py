"""What every face detector promises, and the smallest face that is looked for without a wish."""

from __future__ import annotations

from typing import Final, Protocol

from emotiond.records import Face, Frame

#: In a small picture faces are small: without a wish, faces down to this share of its height are looked for,
SMALLEST_SHARE: Final = 1 / 30
#: but none below the first, where nothing can be read, and all from the second on: pixels.
SMALLEST_PIXELS: Final = (12.0, 24.0)


class Detector(Protocol):
    """Finds faces; belongs to one thread.

    Boxes are squares in pixels of the frame, framed as the Haar cascade and FER2013 frame a face: from the middle of
    the forehead to below the mouth, the classifier's crop at a scale of one.
    """

    @property
    def sure_score(self) -> float:
        """From this score on a detection is a face; a weaker one may be."""

    @property
    def seconded_score(self) -> float | None:
        """The same once the classifier was heard too (``vision/second.py``); None where scores are no probabilities."""

    def detect(self, frame: Frame, *, thorough: bool = False, min_face_pixels: int | None = None) -> list[Face]:
        """Return the faces of ``frame``, weak ones included, in no promised order.

        ``thorough`` also finds the small faces that are too dear to be looked for in every frame. ``min_face_pixels``
        is a wish for this frame alone, in place of the one that the detector was built with.
        """

    def look_coarser(self, times: int) -> None:
        """From now on look only for faces so many times larger, at so much less cost; stills are looked at as ever."""

    def reach_pixels(self, frame: Frame, min_face_pixels: int | None = None) -> float:
        """Side of the smallest face that is looked for when nobody asks to be thorough; 0 where that is all."""


def smallest_pixels(wish: int | None, height: int, usual: int = 0) -> float:
    """Side of the smallest face looked for in a picture of ``height`` lines; without a ``wish`` the ``usual`` one counts.

    A wish of 0 follows the height.
    """
    least, most = SMALLEST_PIXELS
    wanted = usual if wish is None else wish
    return float(wanted) if wanted else min(max(height * SMALLEST_SHARE, least), most)
