"""What is believed of a face that is out of sight: whether it has stopped, and whether it is the one that comes."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.vision.motion import Motion
from emotiond.vision.reunion import reunite

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


@pytest.mark.parametrize(("speed", "same"), [(0.0, [(0, 1)]), (-160.0, [])])
def test_only_the_edge_of_the_picture_brings_somebody_new(speed: float, same: list[tuple[int, int]]) -> None:
    motion = Motion(1.5)
    motion.add(np.array([[970.0, 270.0, 60.0, 60.0]]))
    for _ in range(20):
        motion.advance(0.1)
        motion.correct(np.array([0]), np.array([[970.0, 270.0, 60.0, 60.0]]), SIZE)
    # Hidden for three seconds; then somebody is there two faces to the right, who sits or comes walking in.
    motion.advance(3.0)
    motion.add(np.array([[1102.0 - 0.2 * speed, 270.0, 60.0, 60.0]]))
    for index in range(1, 3):
        motion.advance(0.1)
        motion.correct(np.array([1]), np.array([[1102.0 + (0.1 * index - 0.2) * speed, 270.0, 60.0, 60.0]]), SIZE)
    assert reunite(motion, np.array([0]), np.array([1]), SIZE) == same
