"""A frame goes through all stages: faces are found, followed, read and averaged, and all of them leave at the end."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond import parts
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.config import Camera, Config, PipelineTable
from emotiond.pipeline import Pipeline
from emotiond.records import EventKind, Frame
from emotiond.vision.budget import Cost


@pytest.fixture
def pipeline():
    return parts.pipeline(Config(camera=(Camera(name="hall", realtime=False), Camera(name="door", realtime=False))))


def frames(camera="hall", count=12, faces=3):
    room = Synthetic(Parameters(faces=faces, width=640, height=360, face_pixels=90, rate=10.0, frames=count))
    room.open()
    for index, picture in enumerate(iter(room.read, None)):
        yield Frame(camera, index, picture.time_seconds, picture.pixels, picture.name)


def kinds(events, kind):
    return sorted(event.track for event in events if event.kind is kind)


def test_every_face_of_a_room_is_followed_read_and_averaged(pipeline):
    scenes = [pipeline.process(frame) for frame in frames()]
    last = scenes[-1]
    assert len({face.track for face in last.faces}) == len(last.faces) == 3
    assert last.room.faces == 3
    mean = np.mean([face.mood.scores for face in last.faces], axis=0)
    # Over a sliding window, each face by how well it is seen: near the plain average of the last frame.
    np.testing.assert_allclose(last.room.mood.scores, mean, atol=0.01)
    events = [event for scene in scenes for event in scene.events]
    assert kinds(events, EventKind.ENTER) == sorted(face.track for face in last.faces)


def test_at_the_end_everybody_leaves_once(pipeline):
    events = [event for frame in frames() for event in pipeline.process(frame).events]
    events += pipeline.end("hall")
    assert kinds(events, EventKind.LEAVE) == kinds(events, EventKind.ENTER) != []
    assert pipeline.end("hall") == []


def test_a_face_enters_anew_after_its_camera_was_away(pipeline):
    first = [event for frame in frames() for event in pipeline.process(frame).events]
    pipeline.end("hall")
    second = [event for frame in frames() for event in pipeline.process(frame).events]
    assert len(kinds(second, EventKind.ENTER)) == 3
    assert not set(kinds(first, EventKind.ENTER)) & set(kinds(second, EventKind.ENTER))


def test_cameras_know_nothing_of_each_other(pipeline):
    for one, other in zip(frames("hall"), frames("door", faces=1), strict=True):
        hall, door = pipeline.process(one), pipeline.process(other)
    assert (hall.room.faces, door.room.faces) == (3, 1)
    assert {event.camera for event in pipeline.end("hall")} == {"hall"}
    assert len(pipeline.end("door")) == 1


def test_a_still_is_read_at_once_and_starts_no_visit(pipeline, astronaut):
    scene = pipeline.process(Frame("hall", 0, 0.0, astronaut, "portrait.png", still=True))
    best = max(scene.faces, key=lambda face: face.face.score)
    assert (best.mood.emotion, best.track) == ("happy", None)
    assert scene.events == []
    assert pipeline.end("hall") == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1, 1), (90, 120, 3)])
@pytest.mark.parametrize("still", [True, False])
def test_a_picture_without_a_face_is_an_empty_room(pipeline, shape, still):
    scene = pipeline.process(Frame("hall", 0, 0.0, np.full(shape, 120, np.uint8), "wall", still=still))
    assert (scene.faces, scene.events, scene.room.faces, scene.room.mood) == ([], [], 0, None)


class Ticking:
    """A clock by which every look at it takes a while."""

    def __init__(self, step_seconds):
        self.now, self.step_seconds = 0.0, step_seconds

    def __call__(self):
        self.now += self.step_seconds
        return self.now


def limited(budget_ms, step_seconds):
    config = Config(camera=(Camera(name="hall"),), pipeline=PipelineTable(budget_ms=budget_ms))
    finder, reader, cost = parts.detector(config), parts.classifier(config), Cost()
    lane = parts.lane(config, config.camera[0], reader.sidecar, cost)
    return Pipeline(finder, reader, {"hall": lane}, cost, clock=Ticking(step_seconds))


def test_without_time_one_face_is_read_per_frame_and_all_of_them_in_turn():
    # By this clock a frame is over its time before anybody is read.
    stages = limited(budget_ms=1.0, step_seconds=0.01)
    scenes = [stages.process(frame) for frame in frames(count=14)]
    assert max(scene.readings for scene in scenes) == 1
    assert [scene.readings for scene in scenes[2:5]] == [1, 1, 1]
    assert len(scenes[-1].faces) == 3, "who is read in turn enters"


def test_with_time_all_newcomers_are_read_at_once():
    stages = limited(budget_ms=1e6, step_seconds=1e-6)
    assert [stages.process(frame).readings for frame in frames(count=4)][2] == 3


def test_the_budget_follows_the_cameras_rate_and_their_number():
    fast, slow, offline = (Camera(name="a"), Camera(name="b", frames_per_second=10.0), Camera(realtime=False))
    both = Config(camera=(fast, slow, offline))
    assert parts.budget_seconds(both, fast) == pytest.approx(parts.BUDGET_SHARE / 60.0)
    assert parts.budget_seconds(both, slow) == pytest.approx(parts.BUDGET_SHARE / 20.0)
    assert parts.budget_seconds(both, offline) is None
    fixed = Config(camera=(fast,), pipeline=PipelineTable(budget_ms=12.5))
    assert parts.budget_seconds(fixed, fast) == pytest.approx(0.0125)
