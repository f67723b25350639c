"""What our detector finds where nobody sees a face is no face; windows of background keep clear of faces."""

from pathlib import Path

import numpy as np
import pytest

from emotiond.vision.framing import SHIPPED
from model.detector.truth import Picture
from model.mine import Settings, mine
from model.mined import BACKGROUND, FACES, MEASURED, OUR_FACE, OUR_FALSE, TEACHER_FACE, TRAINED_ON, Mined, load_mined


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """A gray picture with one face and little beside it, in which any detector of ours finds that face alone."""
    import cv2
    from skimage import data

    return np.ascontiguousarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)[:260, 100:360])


FACE = np.array([[78, 62, 164, 176]], np.float32)
ZOOMS = (0.8, 1.1)
NOTHING = np.zeros((0, 4), np.float32)


def mined(picture: Picture, tmp_path: Path) -> Mined:
    settings = Settings(haar=((1.2, 5, 40),) * 2, weakest=0.5, zooms=ZOOMS)
    mine([picture, picture], SHIPPED, tmp_path / "mined.npz", settings)
    return load_mined(tmp_path / "mined.npz")


def test_what_is_found_on_a_known_face_is_a_face(astronaut: np.ndarray, tmp_path: Path) -> None:
    crops = mined(Picture("a", astronaut, FACE, NOTHING, measured=True), tmp_path)
    # A picture that is given twice counts once.
    assert (crops.kind == OUR_FACE).sum() == 1
    assert (crops.kind == TEACHER_FACE).sum() == 1
    assert (crops.kind == BACKGROUND).sum() == Settings().windows_per_picture
    assert (crops.is_face() == np.isin(crops.kind, FACES)).all()
    assert (crops.split == MEASURED).all()


def test_what_is_found_where_nobody_sees_a_face_is_none(astronaut: np.ndarray, tmp_path: Path) -> None:
    elsewhere = np.array([[200, 200, 240, 250]], np.float32)
    crops = mined(Picture("a", astronaut, elsewhere, NOTHING, measured=False), tmp_path)
    false = crops.take(crops.kind == OUR_FALSE)
    # Once at its size, and once at each of the others.
    assert false.is_face().tolist() == [False] * (1 + len(ZOOMS))
    # Its size is that in the picture itself.
    assert (abs(false.size / false.size[0] - 1.0) < 0.1).all()
    assert (crops.split == TRAINED_ON).all()


def test_what_nobody_knows_is_neither(astronaut: np.ndarray, tmp_path: Path) -> None:
    crops = mined(Picture("a", astronaut, NOTHING, FACE, measured=True), tmp_path)
    assert not np.isin(crops.kind, (OUR_FACE, OUR_FALSE)).any()


def test_what_is_measured_is_looked_at_as_it_is_alone(astronaut: np.ndarray, tmp_path: Path) -> None:
    elsewhere = np.array([[200, 200, 240, 250]], np.float32)
    crops = mined(Picture("a", astronaut, elsewhere, NOTHING, measured=True), tmp_path)
    assert (crops.kind == OUR_FALSE).sum() == 1
