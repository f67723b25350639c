"""What our detector finds where nobody sees a face is no face; windows of background keep clear of faces."""

from pathlib import Path

import numpy as np
import pytest

from emotiond.vision.framing import SHIPPED
from model.detector.truth import Picture
from model.mine import BACKGROUND, FACES, OUR_FACE, OUR_FALSE, TEACHER_FACE, Settings, mine


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """A gray picture with one face and little beside it, in which any detector of ours finds that face alone."""
    import cv2
    from skimage import data

    return np.ascontiguousarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)[:260, 100:360])


FACE = np.array([[78, 62, 164, 176]], np.float32)
NOTHING = np.zeros((0, 4), np.float32)


def mined(picture: Picture, tmp_path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mine([picture, picture], SHIPPED, tmp_path / "mined.npz", Settings(haar=((1.2, 5, 40),) * 2, weakest=0.5))
    with np.load(tmp_path / "mined.npz") as file:
        return file["kind"], file["is_face"], file["pixels"]


def test_what_is_found_on_a_known_face_is_a_face(astronaut: np.ndarray, tmp_path: Path) -> None:
    kind, is_face, pixels = mined(Picture("a", astronaut, FACE, NOTHING, measured=True), tmp_path)
    # A picture that is given twice counts once.
    assert (kind == OUR_FACE).sum() == 1
    assert (kind == TEACHER_FACE).sum() == 1
    assert (is_face == np.isin(kind, FACES)).all()
    assert (kind == BACKGROUND).sum() == Settings().windows_per_picture
    assert pixels.shape == (len(kind), 64, 64)


def test_what_is_found_where_nobody_sees_a_face_is_none(astronaut: np.ndarray, tmp_path: Path) -> None:
    elsewhere = np.array([[200, 200, 240, 250]], np.float32)
    kind, is_face, _ = mined(Picture("a", astronaut, elsewhere, NOTHING, measured=False), tmp_path)
    false = kind == OUR_FALSE
    assert false.sum() == 1
    assert not is_face[false].any()


def test_what_nobody_knows_is_neither(astronaut: np.ndarray, tmp_path: Path) -> None:
    kind, _, _ = mined(Picture("a", astronaut, NOTHING, FACE, measured=True), tmp_path)
    assert not np.isin(kind, (OUR_FACE, OUR_FALSE)).any()
