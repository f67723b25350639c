"""What was seen is drawn into a copy of the picture, in whatever format the picture came."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.analysis.annotate import annotated
from emotiond.records import EMOTIONS, UNKNOWN, Box, Face, FaceMood, Frame, Mood, PixelFormat, RoomMood, Scene
from emotiond.report.palette import INKS

WIDTH, HEIGHT = 320, 240
GRAY = 120
BOX = Box(100.0, 80.0, 60.0, 60.0)


def picture(form):
    if form is PixelFormat.BGR:
        return np.full((HEIGHT, WIDTH, 3), GRAY, np.uint8)
    if form is PixelFormat.GRAY:
        return np.full((HEIGHT, WIDTH, 1), GRAY, np.uint8)
    if form is PixelFormat.YUYV:
        return np.tile(np.array([GRAY, 128], np.uint8), (HEIGHT, WIDTH, 1))
    whole = np.full((HEIGHT * 3 // 2, WIDTH, 1), 128, np.uint8)
    whole[:HEIGHT] = GRAY
    return whole


def scene_of(pixels, form=PixelFormat.BGR, emotion="happy", box=BOX, *, rejected=False):
    scores = np.full(len(EMOTIONS), 1.0 / len(EMOTIONS), np.float32)
    mood = Mood(emotion, 0.87, scores)
    face = FaceMood(Face(box, 5.0), mood, 1, rejected=rejected)
    frame = Frame("desk", 0, 0.0, pixels, "test", format=form)
    return Scene(frame, [face], RoomMood(1, mood if emotion != UNKNOWN else None), [])


@pytest.mark.parametrize("form", list(PixelFormat))
def test_every_format_becomes_a_colour_picture_of_the_same_size(form):
    pixels = picture(form)
    before = pixels.copy()
    canvas = annotated(scene_of(pixels, form))
    assert canvas.shape == (HEIGHT, WIDTH, 3)
    assert (pixels == before).all(), "the picture itself stays as it was"
    assert np.ptp(canvas[20, :, :].astype(int)) < 30, "what nobody drew on is gray"


@pytest.mark.parametrize("emotion", [*EMOTIONS, UNKNOWN])
def test_a_face_gets_a_box_and_words_in_the_colour_of_its_emotion(emotion):
    canvas = annotated(scene_of(picture(PixelFormat.BGR), emotion=emotion))
    here = (canvas == INKS[emotion].rgb[::-1]).all(axis=2)
    assert here[80:141, 100].mean() > 0.8, "the left side of the box"
    assert here[55:80, 100:200].sum() > 200, "the plate above it"
    plate = canvas[55:80, 100:200].reshape(-1, 3)
    letter = 255 if INKS[emotion].dark else 0
    assert (np.abs(plate.astype(int) - letter).max(axis=1) < 60).sum() > 20, "letters that stand out"


def test_what_is_no_face_is_not_drawn():
    canvas = annotated(scene_of(picture(PixelFormat.BGR), rejected=True))
    assert (canvas[80:141, 95:105] == GRAY).all()


@pytest.mark.parametrize(
    "box", [Box(-30.0, -30.0, 50.0, 50.0), Box(300.0, 220.0, 60.0, 60.0), Box(0.0, 0.0, 400.0, 400.0)]
)
def test_a_face_at_the_edge_keeps_its_words_in_the_picture(box):
    canvas = annotated(scene_of(picture(PixelFormat.BGR), box=box))
    assert (canvas[:226] == INKS["happy"].rgb[::-1]).all(axis=2).sum() > 300


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (2160, 3840)])
def test_any_size_can_be_drawn_on(size):
    canvas = annotated(scene_of(np.full((*size, 3), GRAY, np.uint8), box=Box(0.0, 0.0, size[1] / 2, size[0] / 2)))
    assert canvas.shape == (*size, 3)


def test_the_bar_of_the_room_has_the_widths_of_its_shares():
    canvas = annotated(scene_of(picture(PixelFormat.BGR)))
    lowest = canvas[-1]
    for emotion in EMOTIONS:
        columns = (lowest == INKS[emotion].rgb[::-1]).all(axis=1).sum()
        assert columns == pytest.approx(WIDTH / 7, abs=3), emotion
    nobody = annotated(scene_of(picture(PixelFormat.BGR), emotion=UNKNOWN))
    assert not nobody[-1].any()
    assert cv2.countNonZero(nobody[-1]) == 0
