"""What the detector learns from: heads, teachers, crops and cells."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from model.dataset import DatasetError
from model.detector import truth
from model.detector.crops import Crop, Strength, crop_of, lettered
from model.detector.loose import TIGHT_IN_SQUARE, wall, with_loose
from model.detector.network import STRIDES
from model.detector.targets import BACKGROUND, BESIDE, FACE, IGNORED, NOBODY, Assignment, targets_of
from model.detector.teach import taught_file

#: Three heads: a face that a teacher sees, one that it sees badly, and the back of a head.
HEADS = [[10, 10, 50, 60], [100, 10, 140, 60], [200, 10, 240, 60]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One picture of heads, and what the teachers said of it."""
    code = cv2.imencode(".jpg", np.full((120, 300, 3), 128, np.uint8))[1].ravel()
    np.savez(
        tmp_path / "heads_web.npz",
        jpeg=code,
        offset=[0, len(code)],
        name=["a"],
        box_xyxy=np.array(HEADS),
        box_image=[0, 0, 0],
        box_label=["head"] * 3,
    )
    taught = tmp_path / "taught"
    taught.mkdir()
    said = [[18, 25, 42, 55, 0.9], [108, 25, 132, 55, 0.35], [250, 80, 280, 110, 0.8], [19, 26, 43, 56, 0.8]]
    np.savez(
        taught_file(taught, tmp_path / "heads_web.npz"),
        found=np.array(said, np.float32),
        picture=[0, 0, 0, 0],
        teacher=[truth.SCRFD, truth.SCRFD, truth.SCRFD, truth.YUNET],
    )
    return tmp_path


def test_a_teachers_face_in_a_head_is_a_face_and_all_else_is_doubtful(data: Path) -> None:
    (picture,) = truth.pictures(data, [], data / "taught", truth.Settings())
    assert sorted(face[0] for face in picture.faces.tolist()) == [18, 108]
    # The back of a head, and a sure face where no head is labelled.
    assert sorted(box[0] for box in picture.doubtful.tolist()) == [200, 250]


def test_what_one_teacher_alone_sees_in_a_head_is_doubtful_where_both_are_asked(data: Path) -> None:
    (picture,) = truth.pictures(data, [], data / "taught", truth.Settings(both_in_head=True))
    assert [face[0] for face in picture.faces.tolist()] == [18]
    assert sorted(box[0] for box in picture.doubtful.tolist()) == [100, 200, 250]


def test_without_the_teachers_word_nothing_is_learnt(data: Path) -> None:
    with pytest.raises(DatasetError, match=r"run python -m model\.detector\.teach first"):
        truth.pictures(data, [], data / "elsewhere", truth.Settings())
    taught_file(data / "taught", data / "heads_web.npz").write_bytes(b"PK")
    with pytest.raises(DatasetError, match=r"\.npz: not a file from python -m model\.detector\.teach \("):
        truth.pictures(data, [], data / "taught", truth.Settings())


def test_a_crop_carries_its_boxes_with_it() -> None:
    gray = np.zeros((200, 300), np.uint8)
    gray[80:120, 140:170] = 255
    face = np.array([[140, 80, 170, 120]], np.float32)
    picture = truth.Picture("a", gray, face, np.zeros((0, 4), np.float32), measured=False)
    plain = Strength(
        gamma_log=0, contrast=0, brightness=0, dark_share=0, low_resolution_share=0, blur_share=0, noise_share=0
    )
    rng = np.random.default_rng(1)
    seen = 0
    for _ in range(40):
        crop = crop_of([picture], plain, rng)
        assert crop.pixels.shape == (320, 320)
        for x, y, width, height in crop.faces:
            seen += 1
            assert crop.pixels[min(int(y), 319), min(int(x), 319)] > 200
            assert width / height == pytest.approx(0.75, abs=0.01)
    assert seen > 20


def test_the_middle_of_a_box_stays_where_its_face_is_at_every_zoom() -> None:
    rows, columns = np.mgrid[:200, :300] + 0.5
    blob = 250.0 * np.exp(-((columns - 140.0) ** 2 + (rows - 90.0) ** 2) / 2 / 6.0**2)
    face = np.array([[130.0, 80.0, 150.0, 100.0]], np.float32)
    picture = truth.Picture("blob", blob.astype(np.uint8), face, np.zeros((0, 4), np.float32), measured=False)
    plain = Strength(
        gamma_log=0.0, contrast=0.0, brightness=0.0, dark_share=0.0, low_resolution_share=0.0, blur_share=0.0,
        noise_share=0.0, jpeg_share=0.0,
    )  # fmt: skip
    rng, away = np.random.default_rng(3), []
    rows, columns = np.mgrid[:320, :320] + 0.5
    for _ in range(60):
        crop = crop_of([picture], plain, rng)
        light = crop.pixels.astype(np.float64)
        for x, y, side, _ in crop.faces:
            if side < min(x, y, 320 - x, 320 - y):
                away.append([(light * columns).sum() / light.sum() - x, (light * rows).sum() / light.sum() - y])
    assert len(away) > 20
    assert np.abs(away).max() < 0.25


def test_four_pictures_share_a_crop_and_keep_to_their_quarters() -> None:
    pictures = [
        truth.Picture(
            str(tone),
            np.full((400, 400), tone, np.uint8),
            np.zeros((0, 4), np.float32),
            np.zeros((0, 4), np.float32),
            measured=False,
        )
        for tone in (60, 100, 140, 180)
    ]
    still = Strength(
        gamma_log=0, contrast=0, brightness=0, dark_share=0, noise_share=0, rotation_degrees=0, strong_rotation_share=0
    )
    crop = crop_of(pictures, still, np.random.default_rng(2))
    assert [int(crop.pixels[y, x]) for y in (80, 240) for x in (80, 240)] == pytest.approx([60, 100, 140, 180], abs=3)


def test_loose_faces_are_set_beside_the_others() -> None:
    face = np.array([[60.0, 60.0, 80.0, 100.0]], np.float32)
    crop = Crop(np.zeros((320, 320), np.uint8), face, np.zeros((0, 4), np.float32))
    loose = np.full((3, 48, 48), 200, np.uint8)
    rng = np.random.default_rng(8)
    crops = [with_loose(crop, loose, Strength(), rng) for _ in range(30)]
    assert sum(len(one.faces) for one in crops) > 50
    for one in crops:
        assert (one.pixels[10:110, 20:100] == 0).all()
        for x, y, width, height in one.faces[1:]:
            assert one.pixels[int(y), int(x)] == 200
            assert height > width


def test_loose_faces_on_a_bare_wall_are_set_in_in_every_way() -> None:
    strength, rng = Strength(), np.random.default_rng(4)
    loose = np.full((1, 48, 48), 255, np.uint8)
    sharp = faded = oval = 0
    for _ in range(200):
        bare = wall(strength, rng)
        assert not len(bare.faces)
        crop = with_loose(bare, loose, strength, rng)
        for x, y, _, height in crop.faces:
            half = height / TIGHT_IN_SQUARE[1] / 2
            left, right, top = (int(value) for value in (x - half + 1, x + half - 2, y - half + 1))
            assert crop.pixels[int(y), int(x)] > 250
            corner, beyond = int(crop.pixels[top, left]), int(crop.pixels[int(y), min(right + 5, 319)])
            oval += corner < 240
            sharp += corner >= 240 and beyond < 240
            faded += corner >= 240 and beyond >= 240
    assert min(sharp, faded, oval) > 10


@pytest.mark.parametrize(("size", "level"), [(10.0, 0), (18.0, 0), (45.0, 1), (150.0, 2)])
def test_a_face_is_answered_for_by_the_map_of_its_size(size: float, level: int) -> None:
    faces = np.array([[100.0, 120.0, size, size]], np.float32)
    maps = targets_of(faces, np.zeros((0, 4), np.float32), 320, Assignment())
    assert [bool((part == FACE).any()) for part, _ in maps] == [index == level for index in range(3)]
    part, owner = maps[level]
    rows, columns = np.nonzero(part == FACE)
    assert np.abs((rows + 0.5) * STRIDES[level] - 120.0).max() <= STRIDES[level]
    assert np.abs((columns + 0.5) * STRIDES[level] - 100.0).max() <= STRIDES[level]
    assert (owner[rows, columns] == 0).all()
    assert (owner[part == BACKGROUND] == NOBODY).all()


def test_a_face_almost_of_its_size_is_framed_by_a_map_that_need_not_find_it() -> None:
    faces = np.array([[160.0, 160.0, 36.0, 36.0]], np.float32)
    (fine, owner), (middle, _), _ = targets_of(faces, np.zeros((0, 4), np.float32), 320, Assignment())
    assert (middle == FACE).any()
    assert not (fine == FACE).any()
    assert (fine == BESIDE).any()
    assert (owner[fine == BESIDE] == 0).all()


def test_what_is_doubtful_is_neither_face_nor_background() -> None:
    doubtful = np.array([[160.0, 160.0, 64.0, 64.0]], np.float32)
    for (part, _), stride in zip(
        targets_of(np.zeros((0, 4), np.float32), doubtful, 320, Assignment()), STRIDES, strict=True
    ):
        assert part[160 // stride, 160 // stride] == IGNORED
        assert part[0, 0] == BACKGROUND
        assert not (part == FACE).any()


def test_writing_covers_no_face() -> None:
    faces = np.array([[100, 100, 80, 90]], np.float32)
    doubtful = np.array([[240, 240, 60, 60]], np.float32)
    blank = Crop(np.full((320, 320), 128, np.uint8), faces, doubtful)
    written = 0
    for seed in range(60):
        crop = lettered(blank, Strength(), np.random.default_rng(seed))
        assert (crop.pixels[55:145, 60:140] == 128).all()
        assert (crop.pixels[210:270, 210:270] == 128).all()
        written += (crop.pixels != 128).any()
    assert written > 50
    assert (blank.pixels == 128).all(), "the crop that was given stays as it was"
