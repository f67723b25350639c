"""A user's own YuNet finds what it finds in the one convention of all boxes, and a wrong file is one clear line."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emotiond.records import Frame, PixelFormat
from emotiond.vision.association import overlaps
from emotiond.vision.sidecar import ModelError
from emotiond.vision.yunet import YuNet


@pytest.fixture
def network(shared_data):
    path = shared_data / "peers" / "yunet_n_640_640.onnx"
    if not path.is_file():
        pytest.skip(f"no YuNet at {path}")
    return path


def best_box(detector, pixels, form=PixelFormat.BGR, *, still=False):
    faces = detector.detect(Frame("camera", 0, 0.0, np.ascontiguousarray(pixels), "picture", still, form))
    best = max(faces, key=lambda face: face.score)
    assert best.score > detector.sure_score
    assert best.box.width == best.box.height
    return np.array([best.box])


def test_the_face_is_framed_as_haar_frames_it_in_every_format(network, astronaut, astronaut_face):
    detector = YuNet(network, 0)
    luma = cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)[:, :, None]
    gray = np.full_like(luma, 128)
    for pixels, form in (
        (astronaut, PixelFormat.BGR),
        (luma, PixelFormat.GRAY),
        (np.concatenate([luma, gray], axis=2), PixelFormat.YUYV),
        (np.concatenate([luma, gray[:256]]), PixelFormat.NV12),
    ):
        assert overlaps(best_box(detector, pixels, form), np.array([astronaut_face]))[0, 0] > 0.6
    assert overlaps(best_box(YuNet(network, 60), astronaut), np.array([astronaut_face]))[0, 0] > 0.6


def test_an_empty_picture_has_no_face(network):
    detector = YuNet(network, 0)
    for shape in ((1, 1, 3), (200, 300, 3), (40, 500, 1)):
        assert detector.detect(Frame("camera", 0, 0.0, np.full(shape, 127, np.uint8), "picture")) == []


@pytest.mark.parametrize("content", [None, b"no network"])
def test_a_file_that_is_no_network_is_one_line(tmp_path, content):
    path = tmp_path / "yunet.onnx"
    if content:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"\[detector\] model: .*yunet\.onnx") as caught:
        YuNet(path, 0)
    assert "\n" not in str(caught.value)
