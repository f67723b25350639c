"""The chain holds: a face set into a scene is found there and read as the bare crop is, also a little beside."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond import parts
from model.chain import Settings, measure, scenes, test_crops
from model.dataset import Crops
from model.stills import config_of

test_crops.__test__ = False
SIZES = (48, 96)
CROPS = 160


def test_crops_stand_where_the_boxes_say():
    crops = np.random.default_rng(0).integers(0, 256, (30, 48, 48)).astype(np.uint8)
    seen = 0
    for picture, boxes, part in scenes(crops, 48, Settings(width=640, height=360)):
        assert picture.shape == (360, 640, 3)
        for box, crop in zip(boxes, crops[part], strict=True):
            cut = picture[int(box.y) : int(box.y) + 48, int(box.x) : int(box.x) + 48, 0]
            assert np.abs(cut.astype(int) - crop.astype(int)).mean() < 3.0
            seen += 1
    assert seen == 30


@pytest.fixture(scope="module")
def figures(pytestconfig):
    """What some test crops give at some sizes, found by the cascade, which is always there."""
    data = pytestconfig.rootpath.parent / "shared" / "data"
    if not (data / "fer2013.npz").is_file():
        pytest.skip(f"no fer2013.npz in {data}")
    config = config_of(kind="haar")
    crops: Crops = test_crops(data, CROPS)["ferplus"]
    classifier = parts.classifier(config)
    pipeline = parts.pipeline(config)
    return {side: measure(pipeline, classifier, crops, side, Settings()) for side in SIZES}


def test_a_face_in_a_scene_is_read_as_the_bare_crop_is(figures):
    for row in figures.values():
        assert row["true_box_accuracy"] >= row["bare_accuracy"] - 0.03


def test_a_box_a_tenth_beside_changes_no_reading_on_average(figures):
    for row in figures.values():
        assert row["moved_box_accuracy"] >= row["true_box_accuracy"] - 0.04


def test_what_the_detector_finds_is_read_as_well(figures):
    for row in figures.values():
        assert row["found"] > 0.3
        # About a hundred crops: chance alone moves this by three points, a wrong crop by twenty.
        assert row["accuracy_of_kept"] >= row["bare_accuracy_of_kept"] - 0.1
