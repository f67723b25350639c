"""The detector on the interpreter finds what its network says, wherever it is, in every format, at every size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emotiond.records import Frame, PixelFormat
from emotiond.vision.finder import MOST_SIZES, Finder
from emotiond.vision.sidecar import ModelError
from tests.vision.tiny_detector import dotted, write_cell_network

CORNERS = [(0, 0), (39, 0), (0, 21), (39, 21)]


@pytest.fixture
def finder(tmp_path):
    """Sees faces from 8 pixels on at a ratio of one."""
    return Finder(write_cell_network(tmp_path), "auto", 1, min_face_pixels=8)


def frame(pixels, form=PixelFormat.GRAY, *, still=False):
    return Frame("camera", 0, 0.0, np.ascontiguousarray(pixels), "picture", still, form)


def boxes(faces):
    return sorted(tuple(round(side, 3) for side in face.box) for face in faces)


def squares(cells, side=8):
    return sorted((column * side, row * side, side, side) for column, row in cells)


def test_faces_are_found_where_they_are_also_at_the_border(finder):
    cells = [*CORNERS, (7, 9), (20, 3)]
    faces = finder.detect(frame(dotted(320, 176, cells)))
    assert boxes(faces) == squares(cells)
    assert all(face.score == pytest.approx(1.0, abs=1e-3) for face in faces)


def test_every_format_gives_the_same_faces(finder):
    gray = dotted(320, 176, CORNERS)
    noise = np.random.default_rng(0).integers(0, 256, gray.shape, np.uint8)
    expected = finder.detect(frame(gray))
    assert len(expected) == len(CORNERS)
    assert finder.detect(frame(np.repeat(gray, 3, axis=2), PixelFormat.BGR)) == expected
    assert finder.detect(frame(np.concatenate([gray, noise], axis=2), PixelFormat.YUYV)) == expected
    assert finder.detect(frame(np.concatenate([gray, noise[:88]]), PixelFormat.NV12)) == expected


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (8, 8), (33, 65), (640, 360), (641, 361)])
def test_a_picture_without_a_face_has_none(finder, width, height):
    assert finder.detect(frame(dotted(width, height, []))) == []


def test_three_hundred_faces_are_three_hundred_boxes(finder):
    cells = [(2 * column, 2 * row) for row in range(15) for column in range(20)]
    assert boxes(finder.detect(frame(dotted(320, 240, cells)))) == squares(cells)


def test_a_large_picture_is_seen_as_small_as_the_smallest_face_allows(tmp_path):
    finder = Finder(write_cell_network(tmp_path), "auto", 1, min_face_pixels=24)
    small, large = dotted(960, 540, [(20, 20)]), dotted(960, 540, [(12, 9)], side=24)
    view = finder.view(frame(large))
    assert (view.ratio, view.width, view.height) == (3.0, 320, 192)
    assert boxes(finder.detect(frame(large))) == squares([(12, 9)], 24)
    assert finder.detect(frame(small)) == []
    assert finder.reach_pixels(frame(large)) == 24.0


def test_a_coarser_look_sees_live_pictures_smaller_and_stills_as_ever(tmp_path):
    finder = Finder(write_cell_network(tmp_path), "auto", 1, min_face_pixels=24)
    large = dotted(960, 540, [(6, 4)], side=48)
    finder.look_coarser(2)
    view = finder.view(frame(large))
    assert (view.ratio, view.width, view.height) == (6.0, 160, 96)
    assert boxes(finder.detect(frame(large))) == squares([(6, 4)], 48)
    assert finder.view(replace(frame(large), still=True)).ratio == 1.0
    finder.look_coarser(1)
    assert finder.view(frame(large)).ratio == 3.0


def test_a_thorough_look_finds_the_small_faces_too_and_each_once(tmp_path):
    finder = Finder(write_cell_network(tmp_path), "auto", 1, min_face_pixels=24)
    # On a seam between two tiles, in the corners, and anywhere; the tiles begin on the network's own grid.
    small = [(78, 20), (79, 48), (0, 0), (119, 66), (33, 44), (72, 47)]
    pixels = np.maximum(dotted(960, 544, small), dotted(960, 544, [(12, 9)], side=24))
    found = boxes(finder.detect(frame(pixels), thorough=True))
    assert set(squares(small)) < set(found)
    assert tuple(map(float, squares([(12, 9)], 24)[0])) in found
    assert len(found) == len(set(found))


def test_small_faces_of_a_still_are_found_whatever_was_asked_for(tmp_path):
    finder = Finder(write_cell_network(tmp_path), "auto", 1, min_face_pixels=100)
    pixels = dotted(640, 360, [(20, 20)])
    assert finder.detect(frame(pixels)) == []
    assert boxes(finder.detect(frame(pixels, still=True))) == squares([(20, 20)])


def test_a_wish_for_smaller_faces_than_the_network_sees_enlarges_the_picture(tmp_path):
    finder = Finder(write_cell_network(tmp_path), "auto", 1, min_face_pixels=4)
    (face,) = finder.detect(frame(dotted(160, 96, [(10, 11)], side=4)))
    assert face.box == pytest.approx((40, 44, 4, 4))


def test_weak_detections_come_too_and_are_known_by_their_score(finder):
    faces = finder.detect(frame(np.maximum(dotted(320, 176, [(3, 3)], bright=118), dotted(320, 176, [(9, 9)]))))
    assert len(faces) == 2
    assert faces[0].score > finder.sure_score > faces[1].score > 0.2


def test_the_weakest_score_can_be_chosen(tmp_path):
    pixels = dotted(320, 176, [(3, 3)], bright=105)
    model = write_cell_network(tmp_path)
    assert Finder(model, "auto", 1, 8).detect(frame(pixels)) == []
    (face,) = Finder(model, "auto", 1, 8, weakest=0.05).detect(frame(pixels))
    assert 0.05 < face.score < 0.2


def test_the_sidecar_says_how_a_box_becomes_a_square(tmp_path):
    model = write_cell_network(tmp_path, square={"side": 1.5, "right": 0.25, "down": -0.5})
    (face,) = Finder(model, "auto", 1, 8).detect(frame(dotted(320, 176, [(10, 10)])))
    assert face.box == pytest.approx((84 + 3 - 6, 84 - 6 - 6, 12, 12))


def test_cameras_of_many_sizes_take_turns(finder):
    sizes = [(320, 176), (160, 160), *((32 * step, 64) for step in range(2, 10))]
    assert len(sizes) > MOST_SIZES
    for _ in range(2):
        for width, height in sizes:
            assert boxes(finder.detect(frame(dotted(width, height, [(3, 4)])))) == squares([(3, 4)])


@pytest.mark.parametrize(
    ("maps", "sidecar", "reason"),
    [
        ((8, 16, 32), {"strides": [8, 16, 64]}, "must give"),
        ((8, 16), {}, "must give"),
        ((8, 16, 32), {"strides": [32, 16, 8]}, "strides: must grow"),
        ((8, 16, 32), {"weak_above": 0.7}, "weak_above: must not be above score_above"),
        ((8, 16, 32), {"kind": "faces"}, "not a detector's sidecar"),
        ((8, 16, 32), {"score_above": None}, "not a detector's sidecar: Object missing required field `score_above`"),
        ((8, 16, 32), {"colour": True}, "not a detector's sidecar: Object contains unknown field `colour`"),
    ],
)
def test_what_breaks_the_contract_is_refused_in_one_line(tmp_path, maps, sidecar, reason):
    model = write_cell_network(tmp_path, maps, **sidecar)
    with pytest.raises(ModelError, match=reason) as caught:
        Finder(model, "auto", 1, 0)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_network_is_refused(tmp_path, shipped_model):
    with pytest.raises(ModelError, match=r"sidecar of none\.tflite cannot be read"):
        Finder(tmp_path / "none.tflite", "auto", 1, 0)
    model = write_cell_network(tmp_path)
    good = model.read_bytes()
    model.write_bytes(b"no network")
    with pytest.raises(ModelError, match="not a detector that litert can run"):
        Finder(model, "auto", 1, 0)
    model.write_bytes(good)
    assert Finder(model, "auto", 1, 0).detect(frame(dotted(64, 64, []))) == []
    # The classifier is a network, but no detector.
    model.write_bytes(shipped_model.read_bytes())
    with pytest.raises(ModelError, match=r"detector|must give"):
        Finder(model, "auto", 1, 0)


def test_a_still_that_is_too_large_for_one_input_is_seen_whole_in_tiles(finder):
    cells = [(0, 0), (511, 299), (320, 150), (255, 149), (100, 280)]
    assert boxes(finder.detect(frame(dotted(4096, 2400, cells), still=True))) == squares(cells)
