"""The bench of the readings: generated scenes through the real pipeline, and through a plain one, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
import numpy as np

from emotiond import parts
from emotiond.bench.plain import Plain
from emotiond.bench.scene import Faults, Play, Plot, play
from emotiond.bench.score import Judge, Score
from emotiond.bench.stage import CAMERA, Finder, Onlooker, frames
from emotiond.bench.table import Table
from emotiond.config import Camera, Config
from emotiond.records import Event, Frame, Scene

#: Readings per second at which the delay of a change is told, and how long those scenes are: a minute has few changes.
DELAY_RATES: Final = (10.0, 3.0)
DELAY_SECONDS: Final = 180.0

PLOTS: Final = (
    Plot("1 seated, 30 fps, every 3rd", 1, 0, 30.0, 3),
    Plot("1 walking, 15 fps, every 2nd", 0, 1, 15.0, 2),
    Plot("20, 30 fps, every 5th", 14, 6, 30.0, 5),
    Plot("20, 15 fps, every 2nd, shaking", 14, 6, 15.0, 2, shake=0.4),
    Plot("20, 5 fps, every frame", 14, 6, 5.0, 1),
    Plot("40, 30 fps, every 3rd", 34, 6, 30.0, 3),
    Plot("40, 10 fps, every frame", 34, 6, 10.0, 1),
    Plot("20 seated, 10 fps, every frame", 20, 0, 10.0, 1, seconds=DELAY_SECONDS),
    Plot("20 seated, 3 fps, every frame", 20, 0, 3.0, 1, seconds=DELAY_SECONDS),
)
#: The cost is told for frames with this many faces.
COST_FACES: Final = 40
#: Every scene is played so often: one play has some 380 visits, and another by chance half a point more or less of them whole.
PLAYS: Final = 10
#: From one play to the next, so that no two scenes share a seed.
SEED_STEP: Final = 100


class Processor(Protocol):
    """What takes frames: our pipeline, or the plain one."""

    def process(self, frame: Frame) -> Scene:
        """Take a frame through all stages."""

    def end(self, camera: str) -> list[Event]:
        """Let everybody leave."""


@dataclass
class Result:
    """What both pipelines made of one scene, in one play or several."""

    plot: Plot
    plain: Score
    ours: Score
    #: Time of ours per frame in milliseconds, without the detector and the reader.
    cost_milliseconds: list[float]

    def add(self, other: Result) -> None:
        """Take in another play of the same scene."""
        self.plain.add(other.plain)
        self.ours.add(other.ours)
        self.cost_milliseconds += other.cost_milliseconds


def config_for(plot: Plot, config: Config) -> Config:
    """Return ``config`` with the one camera and the detection rate of a plot."""
    detector = msgspec.structs.replace(config.detector, every_frames=plot.detect_every_frames)
    return msgspec.structs.replace(config, camera=(Camera(name=CAMERA, realtime=False),), detector=detector)


def measure(
    config: Config, table: Table, faults: Faults, seeds: Sequence[int], told: Callable[[str], None]
) -> list[Result]:
    """Play every plot once for each seed, for the plain pipeline and for ours."""
    results = []
    for number, plot in enumerate(PLOTS):
        told(f"playing {plot.name}")
        first, *others = (compare(plot, config, table, faults, seed + number) for seed in seeds)
        for other in others:
            first.add(other)
        results.append(first)
    return results


def compare(plot: Plot, config: Config, table: Table, faults: Faults, seed: int) -> Result:
    """Play one plot for the plain pipeline and for ours."""
    played = play(plot, table, faults, seed)
    ours = config_for(plot, config)
    eyesight = parts.eyesight(config)

    def stage() -> tuple[Finder, Onlooker]:
        return Finder(played), Onlooker(played, table.sidecar(), eyesight)

    finder, reader = stage()
    plain, _ = _run(Plain(finder, reader, plot.detect_every_frames), played, reader)
    finder, reader = stage()
    return Result(plot, plain, *_run(parts.pipeline_of(ours, finder, reader), played, reader))


def _run(processor: Processor, played: Play, reader: Onlooker) -> tuple[Score, list[float]]:
    judge = Judge(played)
    costs = []
    for frame in frames(played):
        before, began = reader.seconds, time.perf_counter()
        scene = processor.process(frame)
        spent = time.perf_counter() - began - (reader.seconds - before)
        if len(scene.faces) >= COST_FACES * 0.9:
            costs.append(1000.0 * spent)
        judge.watch(scene)
    return judge.verdict(processor.end(CAMERA)), costs


def lines(results: list[Result]) -> list[str]:
    """Write the table, ready for a Markdown page."""
    text = ["| scene | | switches / 1,000 | changes / min | delay s | missed | visits whole | room error | nobody |"]
    text.append("|---|---|---|---|---|---|---|---|---|")
    plain, ours = Score(), Score()
    for result in results:
        text += [_line(result.plot.name, "plain", result.plain), _line(result.plot.name, "ours", result.ours)]
        plain.add(result.plain)
        ours.add(result.ours)
    text += [_line("all", "plain", plain), _line("all", "ours", ours)]
    text += ["", *_summary(results, plain, ours)]
    return text


def _line(scene: str, name: str, score: Score) -> str:
    return (
        f"| {scene} | {name} | {score.switches_per_thousand():.2f} | {score.changes_per_minute():.2f} "
        f"| {score.delay_seconds():.2f} | {score.missed_changes():.0%} | {score.whole():.1%} "
        f"| {score.room():.4f} | {score.strangers} |"
    )


def _summary(results: list[Result], plain: Score, ours: Score) -> list[str]:
    costs = [cost for result in results for cost in result.cost_milliseconds]
    delays = [
        f"{rate:g}/s {result.ours.delay_seconds():.2f} s"
        for rate in DELAY_RATES
        for result in results
        if result.plot.frames_per_second == rate and not result.plot.walkers
    ]
    fewer, better = (
        a / max(b, 1e-9)
        for a, b in ((plain.switches_per_thousand(), ours.switches_per_thousand()), (plain.room(), ours.room()))
    )
    rows = (
        (
            "identity switches per 1,000 face-frames",
            f"{plain.switches_per_thousand():.2f}",
            f"{ours.switches_per_thousand():.2f}, 1/{fewer:.1f}",
        ),
        ("false changes per face and minute", f"{plain.changes_per_minute():.2f}", f"{ours.changes_per_minute():.2f}"),
        ("delay of a true change, median", "", ", ".join(delays)),
        (f"visits with one enter and one leave, of {ours.visits}", f"{plain.whole():.1%}", f"{ours.whole():.1%}"),
        ("error of the room's shares", f"{plain.room():.4f}", f"{ours.room():.4f}, 1/{better:.1f}"),
        ("the same, scores averaged frame by frame", f"{plain.averaged():.4f}", f"{ours.averaged():.4f}"),
        (
            f"cost per frame at about {COST_FACES} faces, median and 95th percentile",
            "",
            f"{np.median(costs):.3f} ms, {np.percentile(costs, 95):.3f} ms",
        ),
    )
    return ["| figure | plain | ours |", "|---|---|---|", *(f"| {name} | {a} | {b} |" for name, a, b in rows)]
