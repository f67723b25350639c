"""`emotiond snapshot` says that it writes a picture, writes it, and names no face where only the room is told of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.__main__ import main
from emotiond.mqtt.discretion import Discretion
from emotiond.records import Box, Face, FaceMood, Frame, Mood, RoomMood, Scene
from emotiond.sketch import annotated

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
    assert (picture == (80, 220, 80)).all(axis=2).sum() > 300, "the face is framed"


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


def scene(faces):
    mood = Mood("happy", 0.9, np.array([0, 0, 0, 1, 0, 0, 0], np.float32))
    moods = [FaceMood(Face(Box(60.0 * n + 20, 60.0, 40.0, 40.0), 1.0), mood) for n in range(faces)]
    frame = Frame("c", 0, 0.0, np.full((200, 300, 1), 40, np.uint8), "s", still=True)
    return Scene(frame, moods, RoomMood(faces, mood), [])


def test_in_room_mode_faces_are_framed_and_not_named():
    picture = annotated(scene(2), Discretion(room_only=True, min_faces=3))
    assert (picture.max(axis=2) > 230).sum() == 0, "no letter is written"
    assert ((picture == (80, 220, 80)).all(axis=2)).sum() > 100
    assert (annotated(scene(2), Discretion()).max(axis=2) > 230).sum() > 40
    assert (annotated(scene(3), Discretion(room_only=True, min_faces=3))[150:].max(axis=2) > 230).sum() > 40


def test_the_frame_itself_is_left_as_it_was():
    given = scene(1)
    annotated(given, Discretion())
    assert (given.frame.pixels == 40).all()
