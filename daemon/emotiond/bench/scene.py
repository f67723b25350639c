"""A generated scene: who is where with which emotion, what the detector finds of it and what the network reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.bench.actors import HEIGHT_PIXELS, WIDTH_PIXELS, Floats, seated, shaken, walking
from emotiond.bench.table import Table
from emotiond.records import Box, Face

#: A face that is covered by more than this share by a nearer one is hidden.
COVERED_SHARE: Final = 0.5
#: A face with less of it in the picture is found by nobody.
INSIDE_SHARE: Final = 0.6
#: How long an occlusion lasts; at very low rates ten frames would be no short one.
OCCLUDED_FRAMES: Final = 10
OCCLUDED_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Faults:
    """How wrong the detector and the classifier are; measured on the Haar cascade, see docs/readings.md."""

    #: Standard deviation of a box's centre, and of the logarithm of its side, as shares of the side.
    centre_jitter: float = 0.012
    size_jitter: float = 0.03
    #: Share of the frames in which a visible face is missed, and how long it is then missed on average.
    miss_share: float = 0.32
    miss_seconds: float = 0.3
    #: False detections per frame, and in how many detections one lasts on average.
    false_per_frame: float = 0.032
    false_detections: float = 2.0
    #: Share of the readings of what is no face that say so.
    rejected_share: float = 0.9
    #: How long a misreading lasts on average.
    error_seconds: float = 0.3


@dataclass(frozen=True)
class Plot:
    """What happens in a scene."""

    name: str
    seated: int
    walkers: int
    frames_per_second: float
    detect_every_frames: int
    seconds: float = 60.0
    #: How far the camera shakes, as a share of a face.
    shake: float = 0.0


@dataclass(frozen=True)
class Play:
    """A plot as it was played: the truth, and what was seen of it. One column for each visit."""

    plot: Plot
    times: Floats
    #: f64 (frames, visits, 4) in pixels.
    boxes: Floats
    #: bool (frames, visits): in the picture at all; there to be seen.
    present: NDArray[np.bool_]
    visible: NDArray[np.bool_]
    #: i64 (frames, visits): the true emotion; and whether it never changes, bool (visits,).
    emotion: NDArray[np.int64]
    constant: NDArray[np.bool_]
    #: What the detector finds in each frame.
    found: list[list[Face]]
    #: f32 (frames, visits, 7): what the network would read in each face.
    scores: NDArray[np.float32]


def play(plot: Plot, table: Table, faults: Faults, seed: int) -> Play:
    """Play a plot; the same seed gives the same play."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(plot.seconds * plot.frames_per_second)) / plot.frames_per_second
    visits = [*seated(plot.seated, times, rng), *walking(plot.walkers, times, rng)]
    boxes = np.zeros((len(times), len(visits), 4))
    here = np.zeros((len(times), len(visits)), np.bool_)
    for column, visit in enumerate(visits):
        span = slice(visit.first, visit.first + len(visit.boxes))
        boxes[span, column], here[span, column] = visit.boxes, True
    boxes[:, :, :2] += shaken(times, plot.shake, rng)[:, None, :]
    present = here & _inside(boxes, 0.5)
    visible = here & _inside(boxes, INSIDE_SHARE) & ~_covered(boxes, here) & ~_occluded(plot, here, rng)
    emotion, constant = _emotions(times, len(visits), table, rng)
    found = _found(times, boxes, visible, faults, rng)
    scores = _readings(times, emotion, table, faults, rng)
    return Play(plot, times, boxes, present, visible, emotion, constant, found, scores)


def _inside(boxes: Floats, share: float) -> NDArray[np.bool_]:
    low = np.maximum(boxes[..., :2], 0.0)
    high = np.minimum(boxes[..., :2] + boxes[..., 2:], (WIDTH_PIXELS, HEIGHT_PIXELS))
    inside = np.maximum(high - low, 0.0).prod(axis=-1)
    whole: NDArray[np.bool_] = inside >= share * np.maximum(boxes[..., 2:].prod(axis=-1), 1e-9)
    return whole


def _covered(boxes: Floats, here: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say who is hidden behind a larger, that is nearer, face."""
    covered = np.zeros(here.shape, np.bool_)
    for frame in range(len(boxes)):
        who = np.flatnonzero(here[frame])
        rows = boxes[frame, who]
        low = np.maximum(rows[:, None, :2], rows[None, :, :2])
        high = np.minimum(rows[:, None, :2] + rows[:, None, 2:], rows[None, :, :2] + rows[None, :, 2:])
        shared = np.maximum(high - low, 0.0).prod(axis=2)
        area = rows[:, 2:].prod(axis=1)
        nearer = area[None, :] > area[:, None]
        covered[frame, who] = (nearer & (shared > COVERED_SHARE * area[:, None])).any(axis=1)
    return covered


def _occluded(plot: Plot, here: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Everybody is hidden for ten frames, two seconds at most, once in eight seconds or so."""
    hidden = np.zeros(here.shape, np.bool_)
    lasts = min(OCCLUDED_FRAMES, round(OCCLUDED_SECONDS * plot.frames_per_second))
    for column in range(here.shape[1]):
        frame = round(rng.uniform(0.0, 8.0) * plot.frames_per_second)
        while frame < len(here):
            hidden[frame : frame + lasts, column] = True
            frame += lasts + round(rng.uniform(5.0, 11.0) * plot.frames_per_second)
    return hidden


def _emotions(
    times: Floats, visits: int, table: Table, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Half of the faces never change; the others every four to twelve seconds. As frequent as raters saw them."""
    shares = np.array(table.shares) / sum(table.shares)
    constant = rng.random(visits) < 0.5
    emotion = np.zeros((len(times), visits), np.int64)
    for column in range(visits):
        emotion[:, column] = rng.choice(len(shares), p=shares)
        now = rng.uniform(4.0, 12.0)
        while not constant[column] and now < times[-1]:
            rest = times >= now
            others = np.where(np.arange(len(shares)) == emotion[-1, column], 0.0, shares)
            emotion[rest, column] = rng.choice(len(shares), p=others / others.sum())
            now += rng.uniform(4.0, 12.0)
    return emotion, constant


def _found(
    times: Floats, boxes: Floats, visible: NDArray[np.bool_], faults: Faults, rng: np.random.Generator
) -> list[list[Face]]:
    step = times[1] - times[0]
    # Two states, found and missed, that hold on: the share and the length of the misses fix both ways between them.
    recover = 1.0 - np.exp(-step / faults.miss_seconds)
    lose = recover * faults.miss_share / (1.0 - faults.miss_share)
    visits = visible.shape[1]
    missed = rng.random(visits) < faults.miss_share
    ghosts: list[Face] = []
    found = []
    for frame in range(len(times)):
        chance = rng.random(visits)
        missed = np.where(missed, chance >= recover, chance < lose)
        who = np.flatnonzero(visible[frame] & ~missed)
        ghosts = [ghost for ghost in ghosts if rng.random() < 1.0 - 1.0 / faults.false_detections]
        ghosts += [_ghost(rng) for _ in range(rng.poisson(faults.false_per_frame / faults.false_detections))]
        found.append([*_jittered(boxes[frame, who], faults, rng), *ghosts])
    return found


def _jittered(boxes: Floats, faults: Faults, rng: np.random.Generator) -> list[Face]:
    side = boxes[:, 2]
    centres = boxes[:, :2] + boxes[:, 2:] / 2.0 + rng.normal(0.0, faults.centre_jitter, (len(boxes), 2)) * side[:, None]
    sides = side * np.exp(rng.normal(0.0, faults.size_jitter, len(boxes)))
    scores = np.maximum(rng.normal(6.0, 1.5, len(boxes)), 0.1)
    return [
        Face(Box(x - size / 2.0, y - size / 2.0, size, size), score)
        for (x, y), size, score in zip(centres.tolist(), sides.tolist(), scores.tolist(), strict=True)
    ]


def _ghost(rng: np.random.Generator) -> Face:
    side = rng.uniform(30.0, 80.0)
    box = Box(rng.uniform(0.0, WIDTH_PIXELS - side), rng.uniform(0.0, HEIGHT_PIXELS - side), side, side)
    return Face(box, max(rng.normal(3.3, 1.8), 0.1))


def _readings(
    times: Floats, emotion: NDArray[np.int64], table: Table, faults: Faults, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw a real reading of a face of the true emotion, and keep it until chance or a change draws a new one."""
    samples = table.scores()
    again = rng.random(emotion.shape) < 1.0 - np.exp(-(times[1] - times[0]) / faults.error_seconds)
    again[0] = True
    again[1:] |= emotion[1:] != emotion[:-1]
    drawn = rng.integers(samples.shape[1], size=emotion.shape)
    for frame in range(1, len(times)):
        drawn[frame] = np.where(again[frame], drawn[frame], drawn[frame - 1])
    scores: NDArray[np.float32] = samples[emotion, drawn]
    return scores
