"""`emotiond run` refuses a wrong configuration with exit code 2, and fails with 1 where a file cannot be read whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest


@pytest.fixture
def box(config_file):
    return config_file('[mqtt]\ndevice = "box"\n')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mqtt]\nprot = 1883", "[mqtt] prot: no such key; did you mean port?"),
        ("[mood]\nchange_margin = 'wide'", "[mood] change_margin: expected `float`, got `str`"),
        ("[mood", "not TOML: "),
    ],
)
def test_a_wrong_configuration_stops_the_start(emotiond, config_file, text, message):
    path = config_file(text)
    child = emotiond("run", "--config", path, "--outlet", "stdout")
    assert child.wait() == 2
    assert child.stdout == ""
    (line,) = child.stderr.splitlines()
    assert line.startswith(f"emotiond: {path}: {message}")


def test_an_address_that_no_source_has_stops_the_start(emotiond, box):
    child = emotiond("run", "--config", box, "--source", "gopher://hall", "--outlet", "stdout")
    assert child.wait() == 2
    (line,) = child.stderr.splitlines()
    assert line.startswith(
        "emotiond: [[camera]] camera: source: gopher://: no such kind of source; there are rtsp://, "
    )


def test_a_model_that_is_none_stops_the_start(emotiond, config_file, shipped_model):
    shipped_model.write_bytes(b"TFL3 and nothing more")
    child = emotiond("run", "--config", config_file(f'[inference]\nmodel = "{shipped_model}"\n'), "--outlet", "stdout")
    assert child.wait() == 2
    (line,) = child.complaints()
    assert line.startswith(f"emotiond: {shipped_model}: not a TFLite file")
    assert "Traceback" not in child.stderr


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.mp4", "cannot be read: No such file or directory"),
        ("noise.mp4", "not a picture or a video that can be read"),
        ("noise.png", "1 pictures could not be read"),
        ("empty", "no picture in this folder"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_exit_code_1_and_its_reason(emotiond, box, tmp_path, name, reason):
    for noise in ("noise.mp4", "noise.png"):
        (tmp_path / noise).write_bytes(bytes(range(256)) * 9)
    (tmp_path / "empty").mkdir()
    child = emotiond("run", "--config", box, "--source", tmp_path / name, "--outlet", "stdout")
    assert child.wait() == 1
    assert sum(reason in line for line in child.stderr.splitlines()) == 1
    assert f'"state":"ended","reason":"{tmp_path / name if "could" not in reason else reason}' in child.stdout
    assert "Traceback" not in child.stderr


def test_a_truncated_video_ends_with_exit_code_1(emotiond, box, make_video):
    clip = make_video(40, "clip.avi")
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    child = emotiond("run", "--config", box, "--source", clip, "--outlet", "stdout")
    assert child.wait() == 1
    assert f"{clip}: broken off after " in child.stderr


def test_one_bad_file_among_good_ones_ends_with_exit_code_1(emotiond, config_file, tmp_path, make_video):
    (tmp_path / "noise.png").write_bytes(b"noise")
    cameras = {"good": make_video(5), "bad": tmp_path / "noise.png"}
    tables = [f'[[camera]]\nname = "{name}"\nsource = "{path}"\nrealtime = false\n' for name, path in cameras.items()]
    child = emotiond("run", "--config", config_file("".join(tables)), "--outlet", "stdout")
    assert child.wait() == 1
    assert '"good":{"state":"ended","reason":""' in child.stdout


@pytest.mark.parametrize("shape", [(1, 1, 3), (200, 200, 3)])
def test_a_picture_without_a_face_is_no_failure(emotiond, box, tmp_path, shape):
    cv2.imwrite(str(tmp_path / "empty.png"), np.full(shape, 120, np.uint8))
    child = emotiond("run", "--config", box, "--source", tmp_path / "empty.png", "--outlet", "stdout")
    assert child.wait() == 0
    assert '"topic":"emotiond/box/camera/mood"' in child.stdout
    assert '"faces":0,"emotion":null' in child.stdout
