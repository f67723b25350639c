"""`emotiond snapshot` says that it writes a picture, writes it, and names no face where only the room is told of."""

from __future__ import annotations

import cv2
import msgspec
import numpy as np
import pytest

from emotiond.__main__ import main
from emotiond.analysis.annotate import annotated
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.records import Frame, PixelFormat, RoomMood, Scene

SCENE = "synthetic:?faces=1&width=320&height=240&face_pixels=110"


@pytest.fixture
def aimed(config_file, tmp_path, capsys):
    """Take a snapshot with this configuration; return exit code, what was said, and the picture or None."""

    def snapshot(text="", source=SCENE, name="out.jpg"):
        file = tmp_path / name
        code = main(["snapshot", "--config", str(config_file(text)), "--source", source, str(file)])
        told = capsys.readouterr()
        picture = cv2.imread(str(file)) if file.exists() else None
        return code, told, picture

    return snapshot


def test_it_says_so_before_it_writes_one_annotated_picture(aimed, tmp_path):
    code, told, picture = aimed(name="out.png")
    assert code == 0
    first, second = told.out.splitlines()
    assert first == f"snapshot: writes what camera sees now, faces and all, into {tmp_path / 'out.png'}"
    assert second.startswith("snapshot: 320 x 240 pixels, 1 faces; ")
    assert picture.shape == (240, 320, 3)
    assert np.ptp(picture, axis=(0, 1)).min() > 100


@pytest.mark.parametrize(
    ("name", "source", "code", "words"),
    [
        ("out.gif", SCENE, 2, "must end in .jpg, .jpeg, .png"),
        ("none/out.jpg", SCENE, 1, "cannot be written: No such file or directory"),
        ("out.jpg", "none.mp4", 1, "none.mp4: cannot be read"),
        ("out.jpg", "gopher://hall", 2, "gopher://: no such kind of source"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_no_picture(aimed, name, source, code, words):
    found, told, picture = aimed(source=source, name=name)
    assert (found, picture) == (code, None)
    (line,) = [line for line in told.err.splitlines() if line.startswith("emotiond: ")]
    assert words in line


def test_in_room_mode_faces_are_framed_and_nothing_is_said_of_them(aimed):
    room = '[privacy]\nmode = "room"\n'
    _, told, discreet = aimed(room, name="room.png")
    _, _, telling = aimed(name="faces.png")
    bare = Synthetic(msgspec.convert({"faces": 1, "width": 320, "height": 240, "face_pixels": 110}, Parameters))
    assert "1 faces" in told.out
    drawn = {name: drawn_over(picture, bare) for name, picture in (("room", discreet), ("faces", telling))}
    # The frame of a face is a few lines; words on their plate and the bar of the room are surfaces.
    assert 300 < drawn["room"] < drawn["faces"] - 500


def drawn_over(picture, scene):
    """Count the pixels that differ from the scene's last frame of the warm-up by much."""
    scene.open()
    for _ in range(10):
        frame = scene.read()
    return int((np.abs(picture.astype(int) - frame.pixels).max(axis=2) > 40).sum())


def test_what_is_masked_is_black_in_the_picture_too(aimed):
    masked = "[[camera]]\nmasks = [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]]\n"
    _, _, picture = aimed(masked, source="synthetic:?faces=0&width=320&height=240", name="out.png")
    # The words of the empty room stand in a corner.
    assert not picture[:200, :156].any()
    assert picture[:200, 164:].all()


@pytest.mark.parametrize(
    ("form", "pixels"),
    [
        (PixelFormat.GRAY, np.full((40, 60, 1), 90, np.uint8)),
        (PixelFormat.BGR, np.full((40, 60, 3), 90, np.uint8)),
        (PixelFormat.YUYV, np.tile(np.array([90, 128], np.uint8), (40, 60, 1))),
        (PixelFormat.NV12, np.concatenate((np.full((40, 60, 1), 90, np.uint8), np.full((20, 60, 1), 128, np.uint8)))),
    ],
)
def test_every_raw_format_becomes_a_picture_and_stays_as_it_was(form, pixels):
    before = pixels.copy()
    frame = Frame("c", 0, 0.0, pixels, "s", still=True, format=form)
    picture = annotated(Scene(frame, [], RoomMood(0, None), []), named=False)
    assert picture.shape == (40, 60, 3)
    assert np.ptp(picture) <= 1
    assert 80 <= picture.mean() <= 92
    assert (pixels == before).all()
