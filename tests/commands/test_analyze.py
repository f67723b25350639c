"""`emotiond analyze` writes one JSON line per picture or frame, whatever else is wrong, and says what is."""

from __future__ import annotations

import json
import math

import cv2
import numpy as np
import pytest

from emotiond.__main__ import main
from emotiond.records import EMOTIONS, UNKNOWN


@pytest.fixture
def analyze(tmp_path, capfd):
    """Analyze; return (exit code, JSON lines, what the program complained about)."""

    def run(*words):
        out = tmp_path / "out.jsonl"
        code = main(["analyze", *map(str, words), "--json", str(out)])
        told = capfd.readouterr()
        assert "Traceback" not in told.err
        assert told.out == ""
        complaints = [line for line in told.err.splitlines() if line.startswith("emotiond: ")]
        return code, [json.loads(line) for line in out.read_text().splitlines()], complaints

    return run


@pytest.fixture
def portrait(tmp_path, astronaut):
    path = tmp_path / "portrait.png"
    assert cv2.imwrite(str(path), astronaut)
    return path


def assert_mood(mood):
    assert mood["emotion"] in (*EMOTIONS, UNKNOWN)
    assert 0.0 <= mood["confidence"] <= 1.0
    assert tuple(mood["scores"]) == EMOTIONS
    assert math.isclose(sum(mood["scores"].values()), 1.0, abs_tol=0.01)


def assert_line(line, width, height):
    assert set(line) == {"source", "frame", "time_seconds", "faces", "room"}
    for face in line["faces"]:
        assert {"box", "score", "emotion", "confidence", "scores"} <= set(face)
        assert_mood(face)
        x, y, w, h = face["box"]
        assert min(x, y) >= 0.0
        assert x + w <= width + 0.1
        assert y + h <= height + 0.1
    if line["room"]["faces"]:
        assert_mood(line["room"])
    else:
        assert line["room"] == {"faces": 0, "emotion": None}


def test_a_picture_gives_one_line_with_its_smiling_face(analyze, portrait):
    code, (line,), complaints = analyze(portrait)
    assert (code, complaints) == (0, [])
    assert_line(line, 512, 512)
    assert (line["source"], line["frame"], line["time_seconds"]) == (str(portrait), 0, 0.0)
    best = max(line["faces"], key=lambda face: face["score"])
    assert best["emotion"] == "happy"
    assert best["box"] == pytest.approx([173, 63, 104, 104], abs=25)
    assert "track" not in best


def test_a_box_ends_where_the_picture_does(analyze, astronaut, tmp_path):
    half = tmp_path / "half.png"
    # From the middle of the face to the right.
    assert cv2.imwrite(str(half), astronaut[:, 205:])
    code, (line,), complaints = analyze(half, "--min-score", "0.1")
    assert (code, complaints) == (0, [])
    assert_line(line, 307, 512)
    best = max(line["faces"], key=lambda face: face["score"])
    assert best["box"][0] == 0.0
    assert best["box"][2] < 0.9 * best["box"][3]


def test_a_video_gives_a_line_for_each_frame_with_its_time(analyze, make_video):
    clip = make_video(12)
    code, lines, complaints = analyze(clip)
    assert (code, complaints) == (0, [])
    assert [(line["frame"], line["time_seconds"]) for line in lines] == [(i, i / 10) for i in range(12)]
    assert {line["source"] for line in lines} == {str(clip)}
    for line in lines:
        assert_line(line, 320, 240)
    tracks = {face["track"] for line in lines for face in line["faces"]}
    assert len(tracks) >= 1
    assert max(len(line["faces"]) for line in lines) >= 1


def test_the_room_is_the_average_of_its_faces(analyze):
    code, lines, complaints = analyze("synthetic:?faces=4&width=640&height=480&face_pixels=90&rate=10&frames=20")
    assert (code, complaints, len(lines)) == (0, [], 20)
    last = lines[-1]
    counted = [face for face in last["faces"] if not face.get("rejected")]
    assert last["room"]["faces"] == len(counted) >= 3
    for emotion in EMOTIONS:
        mean = np.mean([face["scores"][emotion] for face in counted])
        # Over a sliding window, each face by how well it is seen: near the plain average of the last frame.
        assert last["room"]["scores"][emotion] == pytest.approx(mean, abs=0.01)


def test_faces_below_the_smallest_score_are_left_out(analyze, portrait):
    _, (line,), _ = analyze(portrait)
    best = max(face["score"] for face in line["faces"])
    # Scores are written with four places.
    assert [face["score"] for face in analyze(portrait, "--min-score", best - 1e-3)[1][0]["faces"]] == [best]
    assert analyze(portrait, "--min-score", best + 1)[1][0]["faces"] == []


def test_a_dash_writes_to_standard_output(emotiond, portrait):
    child = emotiond("analyze", portrait, "--json", "-")
    assert child.wait() == 0
    (line,) = child.stdout.splitlines()
    assert_line(json.loads(line), 512, 512)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (300, 300, 3)])
def test_a_picture_without_a_face_is_an_empty_room(analyze, tmp_path, shape):
    cv2.imwrite(str(tmp_path / "empty.png"), np.full(shape, 120, np.uint8))
    code, (line,), complaints = analyze(tmp_path / "empty.png")
    assert (code, complaints, line["faces"]) == (0, [], [])
    assert line["room"] == {"faces": 0, "emotion": None}


def test_a_bad_picture_is_named_and_the_others_are_written(analyze, portrait):
    folder = portrait.parent / "folder"
    folder.mkdir()
    portrait.rename(folder / "b.png")
    (folder / "a.png").write_bytes(b"no picture")
    code, lines, complaints = analyze(folder, folder / "c.jpg")
    assert code == 1
    assert [line["source"] for line in lines] == [str(folder / "b.png")]
    assert complaints == [
        f"emotiond: {folder}/a.png: not a picture that can be read",
        f"emotiond: {folder}/c.jpg: cannot be read: No such file or directory",
    ]


def test_a_truncated_video_gives_its_frames_and_a_complaint(analyze, make_video):
    clip = make_video(40, "clip.avi")
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    code, lines, (complaint,) = analyze(clip)
    assert code == 1
    assert 0 < len(lines) < 36
    assert complaint == f"emotiond: {clip}: broken off after {len(lines)} of 40 frames"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("none.mp4", "cannot be read: No such file or directory"),
        ("noise.mp4", "not a picture or a video that can be read"),
        ("empty", "no picture in this folder"),
        ("synthetic:", "is live and never ends"),
        ("/dev/video9876", "is live and never ends"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_code_1(analyze, tmp_path, source, reason):
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "empty").mkdir()
    path = source if source.startswith(("/", "synthetic")) else tmp_path / source
    code, lines, (complaint,) = analyze(path)
    assert (code, lines) == (1, [])
    assert complaint.startswith(f"emotiond: {path}: {reason}")


def test_an_output_that_cannot_be_written_is_exit_code_2(emotiond, portrait, tmp_path):
    nowhere = tmp_path / "none" / "out.jsonl"
    child = emotiond("analyze", portrait, "--json", nowhere)
    assert child.wait() == 2
    assert child.complaints() == [f"emotiond: --json: {nowhere}: cannot be written: No such file or directory"]
    assert "Traceback" not in child.stderr


def test_pictures_of_whole_classes_hold_many_faces(analyze, shared_data):
    pictures = sorted((shared_data / "groups").glob("*.jpg"))
    if not pictures:
        pytest.skip(f"no pictures in {shared_data / 'groups'}")
    code, lines, complaints = analyze(*pictures)
    assert (code, complaints) == (0, [])
    assert [line["source"] for line in lines] == [str(picture) for picture in pictures]
    assert all(len(line["faces"]) >= 1 for line in lines)
    assert sum(len(line["faces"]) for line in lines) >= 5 * len(pictures)
