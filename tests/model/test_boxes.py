"""Sets of pictures with boxes are read as they are published."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from model.boxes import labelled_pictures
from model.dataset import DatasetError


@pytest.fixture
def wider(tmp_path: Path) -> Path:
    """Two pictures in the layout of WIDER FACE, one of them without a face."""
    (tmp_path / "WIDER_val" / "images" / "0--Parade").mkdir(parents=True)
    for name, gray in (("a.jpg", 90), ("b.jpg", 160)):
        cv2.imwrite(str(tmp_path / "WIDER_val" / "images" / "0--Parade" / name), np.full((40, 60, 3), gray, np.uint8))
    (tmp_path / "wider_face_split").mkdir()
    listing = tmp_path / "wider_face_split" / "wider_face_val_bbx_gt.txt"
    listing.write_text(
        "0--Parade/a.jpg\n2\n10 5 20 30 0 0 0 0 0 0\n1 2 3 4 1 0 0 1 0 0\n0--Parade/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n"
    )
    return listing


def test_wider_face_gives_corners_and_pictures_without_faces(wider: Path) -> None:
    first, second = labelled_pictures(wider)
    assert first.boxes.tolist() == [[10, 5, 30, 35], [1, 2, 4, 6]]
    assert first.labels == ("face", "face")
    assert abs(int(first.pixels.mean()) - 90) <= 1
    assert second.boxes.shape == (0, 4)


def test_a_list_that_is_cut_off_says_where(wider: Path) -> None:
    wider.write_text("0--Parade/a.jpg\n2\n10 5 20 30 0 0 0 0 0 0\n")
    with pytest.raises(DatasetError, match=r"not a list of WIDER FACE, after '0--Parade/a.jpg'"):
        list(labelled_pictures(wider))


def test_a_missing_picture_is_named(wider: Path) -> None:
    wider.write_text("0--Parade/c.jpg\n1\n10 5 20 30 0 0 0 0 0 0\n")
    with pytest.raises(DatasetError, match=r"c\.jpg: not a picture"):
        list(labelled_pictures(wider))
