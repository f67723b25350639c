"""What is believed of a face that is out of sight: whether it has stopped, and whether it is the one that comes."""

from __future__ import annotations

import numpy as np

from emotiond.vision.motion import Motion

SIZE = (1280, 720)


def test_that_a_fast_face_has_stopped_is_harder_to_believe() -> None:
    motion = Motion(1.5)
    motion.add(np.array([[300.0, 300.0, 60.0, 60.0], [600.0, 300.0, 60.0, 60.0]]))
    for step in range(1, 20):
        motion.advance(0.1)
        boxes = np.array([[300.0, 300.0, 60.0, 60.0], [600.0 + 18.0 * step, 300.0, 60.0, 60.0]])
        motion.correct(np.arange(2), boxes, SIZE)
    still, fast = motion.haste()
    assert still < 0.1
    assert fast > 3.0
