"""A generated scene: who is where with which emotion, what the detector finds of it and what the network reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.bench.actors import HEIGHT_PIXELS, WIDTH_PIXELS, Floats, seated, shaken, walking
from emotiond.bench.swing import Swings, played
from emotiond.bench.table import Table
from emotiond.records import Box, Face

#: A face that is covered by more than this share by a nearer one is hidden.
COVERED_SHARE: Final = 0.5
#: A face with less of it in the picture is found by nobody.
INSIDE_SHARE: Final = 0.6
#: How long an occlusion lasts; at very low rates ten frames would be no short one.
OCCLUDED_FRAMES: Final = 10
OCCLUDED_SECONDS: Final = 2.0
#: Scores of a detection that may begin a track, and of one that may not.
SURE: Final = 0.6
WEAK: Final = 0.4
#: What is between them.
SURE_SCORE: Final = 0.5


@dataclass(frozen=True)
class Faults:
    """How wrong the detector and the classifier are; measured by ``python -m model.faults``, see docs/readings.md."""

    #: Standard deviation of a box's centre, and of the logarithm of its side, as shares of the side.
    centre_jitter: float = 0.023
    size_jitter: float = 0.029
    #: Share of the frames in which a visible face is missed, and how long it is then missed on average.
    miss_share: float = 0.084
    miss_seconds: float = 0.20
    #: Share of its detections that are weak: they may continue a track and begin none.
    weak_share: float = 0.257
    weak_seconds: float = 0.24
    #: What is no face and found all the same: so many in a second, so many weak ones, and how long each is found.
    false_per_second: float = 0.18
    weak_false_per_second: float = 1.64
    false_seconds: float = 0.13
    #: Share of them that the network takes for no face, as long as they are found.
    rejected_share: float = 0.86
    #: How readings swing around a face's own.
    swings: Swings = Swings.NEAR


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
    #: What the detector finds in each frame, and the boxes f64 (n, 4) of what deceives the network as well.
    found: list[list[Face]]
    deceiving: list[Floats]
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
    found, deceiving = _found(times, boxes, visible, faults, rng)
    scores = played(times, emotion, table, faults.swings, rng)
    return Play(plot, times, boxes, present, visible, emotion, constant, found, deceiving, scores)


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
) -> tuple[list[list[Face]], list[Floats]]:
    step = float(times[1] - times[0])
    missed = _spells(visible.shape, step, faults.miss_share, faults.miss_seconds, rng)
    weak = _spells(visible.shape, step, faults.weak_share, faults.weak_seconds, rng)
    stays = np.exp(-step / faults.false_seconds)
    # What is no face, and whether the network turns it away.
    ghosts: list[tuple[Face, bool]] = []
    found, deceiving = [], []
    for frame in range(len(times)):
        who = np.flatnonzero(visible[frame] & ~missed[frame])
        ghosts = [ghost for ghost in ghosts if rng.random() < stays]
        for score, rate in ((SURE, faults.false_per_second), (WEAK, faults.weak_false_per_second)):
            ghosts += [_ghost(score, faults, rng) for _ in range(rng.poisson(rate * step))]
        scores = np.where(weak[frame, who], WEAK, SURE)
        found.append([*_jittered(boxes[frame, who], scores, faults, rng), *(face for face, _ in ghosts)])
        deceiving.append(np.array([face.box for face, rejected in ghosts if not rejected], np.float64).reshape(-1, 4))
    return found, deceiving


def _spells(
    shape: tuple[int, ...], step_seconds: float, share: float, seconds: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Two states that hold on, bool (frames, n): one for ``share`` of the time and for ``seconds`` on average."""
    end = 1.0 - np.exp(-step_seconds / seconds)
    begin = end * share / (1.0 - share)
    chance = rng.random(shape)
    spells = chance < share
    for frame in range(1, shape[0]):
        spells[frame] = np.where(spells[frame - 1], chance[frame] >= end, chance[frame] < begin)
    return spells


def _jittered(boxes: Floats, scores: Floats, faults: Faults, rng: np.random.Generator) -> list[Face]:
    side = boxes[:, 2]
    centres = boxes[:, :2] + boxes[:, 2:] / 2.0 + rng.normal(0.0, faults.centre_jitter, (len(boxes), 2)) * side[:, None]
    sides = side * np.exp(rng.normal(0.0, faults.size_jitter, len(boxes)))
    return [
        Face(Box(x - size / 2.0, y - size / 2.0, size, size), score)
        for (x, y), size, score in zip(centres.tolist(), sides.tolist(), scores.tolist(), strict=True)
    ]


def _ghost(score: float, faults: Faults, rng: np.random.Generator) -> tuple[Face, bool]:
    side = rng.uniform(30.0, 80.0)
    box = Box(rng.uniform(0.0, WIDTH_PIXELS - side), rng.uniform(0.0, HEIGHT_PIXELS - side), side, side)
    return Face(box, score), bool(rng.random() < faults.rejected_share)
