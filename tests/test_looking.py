"""The pipeline looks as the configuration says: weak detections continue faces, sweeps find the back rows, stills are
seen whole."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from msgspec import UNSET

from emotiond import parts
from emotiond.__main__ import main
from emotiond.config import Camera, CameraDetector, Config, Detector, Inference, Tracking
from emotiond.records import Frame, PixelFormat
from tests.vision.tiny_detector import dotted, write_cell_network
from tests.vision.tiny_model import write_mean_network

HALL = (Camera(name="hall"),)


@pytest.fixture
def pipeline_with(tmp_path):
    """Build a pipeline around the tiny detector; keywords are keys of ``[detector]``.

    The network that ships would rightly say that a bright square is no face: a tiny one reads it.
    """
    model = str(write_cell_network(tmp_path))
    reader = Inference(model=str(write_mean_network(tmp_path)), min_face_pixels=0.0, min_sharpness=0.0)

    def build(weakest=None, cameras=HALL, sure_score=0.0, **keys):
        table, tracking = Detector(kind="network", model=model, **keys), Tracking(sure_score=sure_score)
        return parts.pipeline(Config(camera=cameras, detector=table, inference=reader, tracking=tracking), weakest)

    return build


def follow(pipeline, pictures, rate=10.0, camera="hall"):
    return [
        pipeline.process(Frame(camera, index, index / rate, pixels, "made", format=PixelFormat.GRAY))
        for index, pixels in enumerate(pictures)
    ]


def in_view(scene):
    return sorted(round(face.face.box.x) for face in scene.faces)


def test_a_weak_detection_continues_a_face_and_begins_none(pipeline_with):
    cell = [(6, 6)]
    sure, weak = dotted(320, 192, cell, 24), dotted(320, 192, cell, 24, bright=118)
    assert [in_view(scene) for scene in follow(pipeline_with(min_face_pixels=24), [weak] * 6)] == [[]] * 6
    scenes = follow(pipeline_with(min_face_pixels=24), [sure] * 3 + [weak] * 10)
    assert in_view(scenes[-1]) == [144]
    assert 0.2 < scenes[-1].faces[0].face.score < 0.5
    assert len({face.track for scene in scenes for face in scene.faces}) == 1


def test_small_faces_come_into_view_where_sweeps_are_asked_for(pipeline_with):
    picture = np.maximum(dotted(320, 192, [(30, 10)]), dotted(320, 192, [(2, 2)], 24))
    without = follow(pipeline_with(min_face_pixels=24), [picture] * 40)
    assert in_view(without[-1]) == [48]
    swept = follow(pipeline_with(min_face_pixels=24, sweep_seconds=1.0), [picture] * 40)
    assert 240 in in_view(swept[-1])
    assert 48 in in_view(swept[-1])


def test_an_empty_room_is_quiet_until_somebody_comes(pipeline_with):
    empty, there = dotted(320, 192, []), dotted(320, 192, [(2, 2)], 24)
    blank = np.zeros((192, 320, 0), np.uint8)
    pipeline = pipeline_with(min_face_pixels=24)
    follow(pipeline, [empty] * 3)
    assert pipeline.quiet("hall")
    scenes = follow(pipeline, [empty] * 3 + [blank] * 3 + [there] * 12 + [blank] * 2)
    assert not pipeline.quiet("hall")
    assert not any(scene.faces for scene in scenes[:6])
    assert [in_view(scene) for scene in scenes[-3:]] == [[48]] * 3
    assert [scene.readings for scene in scenes[-2:]] == [0, 0], "there is nothing to read in a blank frame"


def test_every_frame_of_a_file_is_looked_at_so_that_results_repeat(pipeline_with):
    pictures = [dotted(320, 192, [])] * 2 + [dotted(320, 192, [(2, 2)], 24)] * 12

    def faces(every_frames):
        cameras = (Camera(name="hall", realtime=False),)
        scenes = follow(pipeline_with(min_face_pixels=24, every_frames=every_frames, cameras=cameras), pictures)
        return [[face.face for face in scene.faces] for scene in scenes]

    assert faces(0) == faces(1)
    assert faces(1)[-1]


def test_looks_that_follow_motion_lose_nobody(pipeline_with):
    alone, together = dotted(320, 192, [(2, 2)], 24), dotted(320, 192, [(2, 2), (8, 6)], 24)
    scenes = follow(pipeline_with(min_face_pixels=24, every_frames=0), [alone] * 25 + [together] * 25)
    # However busy the machine is, three looks take no longer than two seconds.
    assert all(in_view(scene) == [48] for scene in scenes[20:25])
    assert all(in_view(scene) == [48, 192] for scene in scenes[45:])
    assert len({face.track for scene in scenes for face in scene.faces}) == 2


def test_cameras_that_share_a_detector_are_looked_at_each_in_its_own_way(pipeline_with):
    ways = {
        "hall": {},
        "near": {"min_face_pixels": 8},
        "rare": {"every_frames": 30},
        "back": {"sweep_seconds": 1.0},
        "strict": {"sure_score": 0.9},
    }
    cameras = tuple(Camera(name=name, detector=CameraDetector(**keys)) for name, keys in ways.items())
    pipeline = pipeline_with(min_face_pixels=24, cameras=cameras)
    large, faint = dotted(320, 192, [(2, 2)], 24), dotted(320, 192, [(8, 6)], 24, bright=140)
    whole = np.maximum(np.maximum(large, faint), dotted(320, 192, [(30, 10)]))
    # Camera by camera within each frame: what one asks for must not stick to the next.
    seen = {name: [] for name in ways}
    for index in range(45):
        frame = Frame("", index, index / 10.0, whole if index >= 5 else large, "made", format=PixelFormat.GRAY)
        for name in ways:
            seen[name].append(in_view(pipeline.process(replace(frame, camera=name))))
    # The small one is there for whoever looks for it; to the tiny network each cell of a large one is a small one, too.
    assert [name for name in ways if 240 in seen[name][-1]] == ["near", "back"]
    # In `rare` two frames have been looked at, and three looks confirm a newcomer.
    assert [seen[name][-1] for name in ("hall", "rare", "strict")] == [[48, 192], [], [48]]


@pytest.mark.parametrize(
    ("common", "own", "count"), [(0.0, UNSET, 2), (0.9, UNSET, 1), (0.9, 0.3, 2), (0.0, 0.9, 1), (0.9, 0.0, 2)]
)
def test_what_is_sure_for_its_camera_is_sure_in_a_still(pipeline_with, common, own, count):
    cameras = (Camera(name="hall", detector=CameraDetector(sure_score=own)),)
    pipeline = pipeline_with(cameras=cameras, sure_score=common)
    pixels = np.maximum(dotted(320, 192, [(2, 2)], 24), dotted(320, 192, [(8, 6)], 24, bright=140))
    scene = pipeline.process(Frame("hall", 0, 0.0, pixels, "made", still=True, format=PixelFormat.GRAY))
    squares = {round(face.face.box.x) // 24 for face in scene.faces}
    assert len(squares) == count


@pytest.mark.parametrize("count", [0, 300])
def test_as_many_faces_as_there_are_come_through_a_still(pipeline_with, count):
    cells = [(2 * (index % 20), 2 * (index // 20)) for index in range(count)]
    scene = pipeline_with().process(
        Frame("hall", 0, 0.0, dotted(320, 240, cells), "made", still=True, format=PixelFormat.GRAY)
    )
    assert sorted(in_view(scene)) == sorted(8 * column for column, _ in cells)


def test_analyze_lists_every_box_down_to_the_score_that_is_asked_for(tmp_path, capfd, config_file):
    picture = np.maximum(dotted(640, 384, [(5, 5)], 24), dotted(640, 384, [(20, 5)], 24, bright=100))
    cv2.imwrite(str(tmp_path / "class.png"), picture)
    config = config_file(f'[detector]\nkind = "network"\nmodel = "{write_cell_network(tmp_path)}"\n')

    def faces(*words):
        assert main(["analyze", str(tmp_path / "class.png"), "--config", str(config), "--json", "-", *words]) == 0
        return json.loads(capfd.readouterr().out)

    plain, all_of_them = faces(), faces("--min-score", "0.1")
    assert plain["faces"]
    assert min(face["score"] for face in plain["faces"]) >= 0.5
    assert 0.1 <= min(face["score"] for face in all_of_them["faces"]) < 0.2
    assert len(all_of_them["faces"]) > len(plain["faces"])
    # No cell of the picture is a face: what says so is marked, what cannot be read is unknown, and all are listed.
    assert all(face.get("rejected") or face["emotion"] for face in all_of_them["faces"])
    assert any(face.get("rejected") for face in all_of_them["faces"])
    assert all_of_them["room"]["faces"] == plain["room"]["faces"]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('kind = "network"\nmodel = "/none/faces.tflite"', "/none/faces.json: the sidecar of faces.tflite cannot be"),
        ('kind = "yunet"', "[detector] model: .: no such file; yunet needs the path of an .onnx file"),
    ],
)
def test_a_detector_that_is_not_there_is_one_line_and_exit_code_2(capfd, config_file, table, reason):
    assert main(["check", "--config", str(config_file(f"[detector]\n{table}\n"))]) == 2
    # The runtime says once, at the first network of a process, how it computes.
    told = [line for line in capfd.readouterr().err.strip().splitlines() if not line.startswith("INFO: ")]
    assert len(told) == 1
    assert told[0].startswith(f"emotiond: {reason}")
