"""The evaluation loads the prepared sets, runs detectors as the daemon does, and its table says what it found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.vision.finder import Finder
from model.evaluate_detector import FRAME, SETS, STILL, Settings, detectors, measure, table, times
from tests.vision.tiny_detector import dotted, write_cell_network

CELLS = [[(4, 5), (9, 9), (30, 3)], [(1, 1)], []]


@pytest.fixture
def prepared(tmp_path):
    """Write three pictures with their boxes, as the prepared files are laid out."""
    codes = [cv2.imencode(".png", np.repeat(dotted(320, 192, cells), 3, axis=2))[1].ravel() for cells in CELLS]
    boxes = [(8 * x, 8 * y, 8 * x + 8, 8 * y + 8) for cells in CELLS for x, y in cells]
    path = tmp_path / "faces_cmu_mit_dev.npz"
    np.savez(
        path,
        jpeg=np.concatenate(codes),
        offset=np.cumsum([0, *(len(code) for code in codes)]),
        name=np.array(["a", "b", "c"]),
        box_xyxy=np.array(boxes, np.float32),
        box_image=np.array([index for index, cells in enumerate(CELLS) for _ in cells]),
        box_label=np.array(["face"] * len(boxes)),
    )
    return path


def test_a_detector_that_finds_everything_has_full_marks(tmp_path, prepared):
    ours = Finder(write_cell_network(tmp_path), "auto", 1, 0, weakest=0.1)
    chosen = next(one for one in SETS if one.file == prepared.name)
    found = measure(chosen, prepared, {"ours": ours}, STILL, limit=0)
    assert (found["pictures"], found["boxes"]) == (3, 4)
    assert found["ours"]["recall_at_10_false"] == 1.0
    assert found["ours"]["curve"][-1][:2] == [1.0, 1.0]
    assert measure(chosen, prepared, {"ours": ours}, STILL, limit=2)["pictures"] == 2


def test_times_are_taken_of_all_and_told_beside_the_figures(tmp_path, prepared):
    model = write_cell_network(tmp_path)
    built = detectors(FRAME, model, tmp_path / "no peers", Settings())
    assert set(built) == {"haar", "ours"}
    spent = times(built, np.zeros((192, 320, 3), np.uint8), Settings(rounds=1))
    assert spent["input"] == [448, 256]
    assert spent["ours_to_haar"] > 0.0
    chosen = next(one for one in SETS if one.file == prepared.name)
    found = measure(chosen, prepared, built, FRAME, limit=1)
    text = table({"sets": {"cmu_mit": {FRAME: found}}, "times": spent})
    assert "cmu_mit" in text
    assert "milliseconds" in text
