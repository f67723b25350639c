"""A folder gives its pictures in order; a bad one is named and the next one is read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.capture.pictures import Pictures
from emotiond.capture.source import PictureError, SourceError


def write(path, shape, value=90):
    assert cv2.imwrite(str(path), np.full(shape, value, np.uint8))


def read_all(source):
    """Return (pictures, errors) of a source that is read to its end."""
    pictures, errors = [], []
    source.open()
    while True:
        try:
            picture = source.read()
        except PictureError as error:
            errors.append(str(error))
            continue
        if picture is None:
            source.close()
            return pictures, errors
        pictures.append(picture)


def test_a_folder_gives_every_kind_of_picture_in_the_order_of_names(tmp_path):
    for value, name in enumerate(("a.png", "b.BMP", "c.jpg", "d.pgm", "e.tiff", "f.webp"), start=1):
        write(tmp_path / name, (20, 30) if name == "d.pgm" else (20, 30, 3), value * 20)
    (tmp_path / "notes.txt").write_text("no picture, and not asked")
    pictures, errors = read_all(Pictures(tmp_path))
    assert errors == []
    assert [picture.name.rpartition("/")[2] for picture in pictures] == [
        "a.png",
        "b.BMP",
        "c.jpg",
        "d.pgm",
        "e.tiff",
        "f.webp",
    ]
    assert [round(picture.pixels.mean() / 20) for picture in pictures] == [1, 2, 3, 4, 5, 6]
    assert all(picture.pixels.shape == (20, 30, 3) and picture.pixels.flags.c_contiguous for picture in pictures)


def test_bad_pictures_are_named_and_the_good_ones_still_come(tmp_path):
    write(tmp_path / "a.png", (20, 20, 3))
    (tmp_path / "b.jpg").write_bytes(b"not a picture")
    (tmp_path / "c.png").write_bytes(b"")
    (tmp_path / "d.png").write_bytes((tmp_path / "a.png").read_bytes()[:20])
    (tmp_path / "e.jpg").mkdir()
    write(tmp_path / "f.png", (20, 20))
    pictures, errors = read_all(Pictures(tmp_path))
    assert [picture.name[-5:] for picture in pictures] == ["a.png", "f.png"]
    assert [error.partition(": ")[0][-5:] for error in errors] == ["b.jpg", "c.png", "d.png", "e.jpg"]
    assert not any("\n" in error for error in errors)


def test_one_picture_of_one_pixel_is_a_picture(tmp_path):
    write(tmp_path / "dot.png", (1, 1, 3))
    pictures, errors = read_all(Pictures(tmp_path / "dot.png"))
    assert [picture.pixels.shape for picture in pictures] == [(1, 1, 3)]
    assert errors == []


@pytest.mark.parametrize("names", [(), ("a.txt", "b.mp4")])
def test_a_folder_without_a_picture_says_what_would_be_one(tmp_path, names):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(SourceError, match=r"no picture in this folder \(\.bmp, .*\.webp\)"):
        Pictures(tmp_path).open()


def test_a_missing_picture_says_so(tmp_path):
    with pytest.raises(SourceError, match=r"none\.png: cannot be read: No such file or directory$"):
        Pictures(tmp_path / "none.png").open()


def test_a_source_can_be_read_twice(tmp_path):
    write(tmp_path / "a.png", (5, 5, 3))
    source = Pictures(tmp_path)
    assert [len(read_all(source)[0]) for _ in range(2)] == [1, 1]
