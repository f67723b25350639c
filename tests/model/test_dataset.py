"""FER2013 is read alike from both of its forms, wrong files are named, and no test photograph trains."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from model.dataset import (
    PRIVATE_TEST,
    PUBLIC_TEST,
    TRAINING,
    DatasetError,
    Fer2013,
    absolute_majority,
    has_twin,
    load_crops,
    load_fer2013,
    majority,
    training_rows,
    vote_targets,
)
from model.labels import FERPLUS_COLUMNS, OUTPUTS

USAGE_NAMES = ("Training", "PublicTest", "PrivateTest")


def faces(count, seed=0):
    """Smooth, different pictures u8 (n, 48, 48): noise alone has no likeness worth a thumbnail."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 8, 8)).astype(np.uint8)
    return np.repeat(np.repeat(coarse, 6, axis=1), 6, axis=2)


def votes(**counts):
    return np.array([[counts.get(column, 0) for column in FERPLUS_COLUMNS]], np.uint8)


@pytest.fixture
def small():
    rng = np.random.default_rng(1)
    return Fer2013(
        faces(9),
        rng.integers(0, 7, 9).astype(np.uint8),
        np.repeat([TRAINING, PUBLIC_TEST, PRIVATE_TEST], 3).astype(np.uint8),
        rng.integers(0, 4, (9, 10)).astype(np.uint8),
    )


def write_csv(folder, data):
    with (folder / "fer2013.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("emotion", "pixels", "Usage"))
        for pixels, emotion, usage in zip(data.pixels, data.emotion, data.usage, strict=True):
            writer.writerow((emotion, " ".join(map(str, pixels.ravel())), USAGE_NAMES[usage]))
    with (folder / "fer2013new.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Usage", "Image name", *FERPLUS_COLUMNS))
        for row, (usage, counts) in enumerate(zip(data.usage, data.votes, strict=True)):
            writer.writerow((USAGE_NAMES[usage], f"fer{row:07}.png", *counts))


def write_npz(folder, data):
    arrays = {"pixels": data.pixels, "emotion": data.emotion, "usage": data.usage, "ferplus": data.votes}
    np.savez(folder / "fer2013.npz", **arrays)


@pytest.mark.parametrize("write", [write_csv, write_npz])
def test_both_forms_give_the_same_rows(tmp_path, small, write):
    write(tmp_path, small)
    loaded = load_fer2013(tmp_path)
    for name in ("pixels", "emotion", "usage", "votes"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(small, name))
        assert getattr(loaded, name).dtype == np.uint8


def test_a_folder_without_the_data_says_what_is_missing(tmp_path):
    with pytest.raises(DatasetError, match=r"has neither fer2013\.npz nor the pair fer2013\.csv and fer2013new\.csv$"):
        load_fer2013(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"), [("Training", "Trainig"), ("emotion", "feeling"), (" ", ";"), ("pixels", "pixel")]
)
def test_a_csv_that_is_another_names_its_line(tmp_path, small, old, new):
    write_csv(tmp_path, small)
    path = tmp_path / "fer2013.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(DatasetError, match=r"fer2013\.csv: line 2 is not a FER2013 row"):
        load_fer2013(tmp_path)


def test_two_csv_files_of_different_length_are_refused(tmp_path, small):
    write_csv(tmp_path, small)
    path = tmp_path / "fer2013new.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-2]))
    with pytest.raises(DatasetError, match=r"fer2013new\.csv: ends before line 9; the other goes on$"):
        load_fer2013(tmp_path)


def test_an_npz_that_is_another_is_refused(tmp_path, small):
    path = tmp_path / "fer2013.npz"
    np.savez(path, pixels=small.pixels)
    with pytest.raises(DatasetError, match=r"fer2013\.npz: not a prepared FER2013 file"):
        load_fer2013(tmp_path)
    path.write_bytes(b"no archive")
    with pytest.raises(DatasetError, match=r"fer2013\.npz: not a prepared FER2013 file"):
        load_fer2013(tmp_path)
    write_npz(tmp_path, Fer2013(small.pixels[:, :40], small.emotion, small.usage, small.votes))
    with pytest.raises(DatasetError, match="do not fit together"):
        load_fer2013(tmp_path)
    write_npz(tmp_path, Fer2013(small.pixels, small.emotion + 7, small.usage, small.votes))
    with pytest.raises(DatasetError, match="an emotion above 6"):
        load_fer2013(tmp_path)


def test_crops_are_read_and_other_files_refused(tmp_path):
    path = tmp_path / "crops.npz"
    np.savez(path, pixels=faces(4), label=np.array([0, 3, 6, 255], np.uint8))
    assert load_crops(path).label.tolist() == [0, 3, 6, 255]
    np.savez(path, pixels=faces(4), label=np.zeros(3, np.uint8))
    with pytest.raises(DatasetError, match=r"crops\.npz: pixels \(4, 48, 48\) uint8, labels \(3,\)"):
        load_crops(path)
    with pytest.raises(DatasetError, match=r"none\.npz: needs arrays"):
        load_crops(tmp_path / "none.npz")
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(DatasetError, match=r"crops\.npz: needs arrays"):
            load_crops(path)


def test_a_twin_is_found_though_mirrored_brightened_or_noisy():
    ours, others = faces(5), faces(200, seed=9)
    noise = np.random.default_rng(3).integers(-6, 7, ours.shape)
    twins = (
        ours,
        ours[:, :, ::-1],
        (ours * 0.6 + 40).astype(np.uint8),
        np.clip(ours.astype(int) + noise, 0, 255).astype(np.uint8),
    )
    for twin in twins:
        assert has_twin(ours, np.concatenate([others, twin])).all()
    assert not has_twin(ours, others).any()


def test_blank_pictures_are_nobodys_twins():
    blank = np.full((2, 48, 48), 128, np.uint8)
    assert not has_twin(blank, np.concatenate([blank, faces(3)])).any()


def test_training_leaves_out_twins_of_test_rows_and_blanks(small):
    pixels = small.pixels.copy()
    pixels[1] = pixels[4][:, ::-1]
    pixels[2] = 77
    data = Fer2013(pixels, small.emotion, small.usage, small.votes)
    assert training_rows(data).tolist() == [0]
    assert training_rows(data, with_twins=True).tolist() == [0, 1]


def test_votes_become_a_distribution_over_the_outputs():
    target, weight = vote_targets(np.concatenate([votes(happiness=6, neutral=4), votes(anger=9, fear=1)]))
    assert target.shape == (2, len(OUTPUTS))
    assert dict(zip(OUTPUTS, target[0], strict=True)) == pytest.approx(
        {name: {"happy": 0.6, "neutral": 0.4}.get(name, 0.0) for name in OUTPUTS}
    )
    # A single vote against all others is noise.
    assert target[1][OUTPUTS.index("angry")] == pytest.approx(1.0)
    assert weight.tolist() == [1.0, 1.0]


def test_votes_for_what_the_outputs_do_not_know_lower_the_weight():
    rows = np.concatenate(
        [votes(sadness=5, unknown=5), votes(contempt=8, sadness=2), votes(NF=10), votes(contempt=10), votes()]
    )
    target, weight = vote_targets(rows)
    np.testing.assert_allclose(weight, [0.5, 0.0, 1.0, 0.0, 0.0], atol=1e-6)
    assert target[2][OUTPUTS.index("not_a_face")] == 1.0
    assert np.isfinite(target).all()


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ({"anger": 6, "disgust": 4}, 0),
        ({"happiness": 9}, 3),
        ({"neutral": 5, "happiness": 4}, 6),
        ({"contempt": 6, "sadness": 4}, 7),
        ({"unknown": 6, "sadness": 4}, -1),
        ({"NF": 10}, -1),
        # Of equals the one that FER+ names first.
        ({"anger": 4, "neutral": 4, "unknown": 2}, 6),
        ({"fear": 5, "sadness": 5}, 4),
        ({"unknown": 5, "fear": 5}, 2),
    ],
)
def test_the_majority_is_the_label_and_the_undecided_leave(counts, label):
    assert majority(votes(**counts)).tolist() == [label]


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ({"anger": 6, "disgust": 4}, 0),
        ({"anger": 5, "disgust": 4, "fear": 1}, 0),
        ({"anger": 5, "disgust": 5}, -1),
        ({"anger": 4, "disgust": 3, "neutral": 3}, -1),
        ({"unknown": 6, "sadness": 4}, -1),
    ],
)
def test_an_absolute_majority_is_more_than_half_of_what_is_no_single_vote(counts, label):
    assert absolute_majority(votes(**counts)).tolist() == [label]


def test_no_photograph_of_a_real_test_row_trains(shared_data):
    if not (shared_data / "fer2013.npz").exists():
        pytest.skip(f"no fer2013.npz in {shared_data}")
    data = load_fer2013(shared_data)
    rows = training_rows(data)
    assert (data.usage[rows] == TRAINING).all()
    assert len(rows) > 25_000
    tests = data.pixels[data.usage != TRAINING]
    known = {face.tobytes() for face in tests} | {face[:, ::-1].tobytes() for face in tests}
    assert not [row for row in rows if data.pixels[row].tobytes() in known]
    assert (data.pixels[rows].std(axis=(1, 2)) > 1.0).all()
