"""The pipeline as fast as it can: frames that are there already, stage by stage, every face read as often as asked."""

from __future__ import annotations

import io
import statistics
import time
from dataclasses import astuple, dataclass
from typing import Any, Final

import msgspec

from emotiond import delivery, parts
from emotiond.bench.reel import CAMERA, Reel
from emotiond.config import Camera, Config
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.stdout import Stdout
from emotiond.vision.classifier import Classifier
from emotiond.vision.detector import Detector

#: How often each face is read, per second of the clip.
READINGS_HZ: Final = 3.0
#: Frames before the clock starts: faces enter, interpreters get their size.
WARM_UP_FRAMES: Final = 12


@dataclass(frozen=True)
class Stages:
    """Milliseconds per frame."""

    capture: float
    detect: float
    track: float
    batch: float
    classify: float
    mood: float
    publish: float


@dataclass(frozen=True)
class Rush:
    """What one reel gave; medians over rounds."""

    stages: Stages
    frames_per_second: float
    faces_per_second: float
    #: Faces found in a frame, on average.
    found: float
    #: Per second of the clip, on average over the people in it.
    readings_per_face_and_second: float


class Runner:
    """The pipeline of one reel, with its messages written into nowhere; goes on where it stopped."""

    def __init__(self, config: Config, reel: Reel, detector: Detector, classifier: Classifier) -> None:
        camera = Camera(name=CAMERA, frames_per_second=reel.rate_hz)
        # Nobody waits for the next frame: the only limit is how often a face is to be read.
        pace = msgspec.structs.replace(config.pipeline, budget_ms=1e6, readings_per_second=READINGS_HZ)
        config = msgspec.structs.replace(config, camera=(camera,), pipeline=pace)
        self._reel = reel
        self._classifier = classifier
        self._pipeline = parts.pipeline_of(config, detector, classifier)
        identity = Identity("bench", "benchbench")
        self._newsroom = Newsroom(
            delivery.topics(config), identity, config.mood.interval_seconds, delivery.clock(config)
        )
        self._index = 0
        for _ in range(WARM_UP_FRAMES):
            self.frames(1)

    def frames(self, count: int) -> dict[str, float]:
        """Take ``count`` frames through; return seconds in all and by stage, and what was found and read."""
        laps = self._pipeline.laps
        before, engines_before = astuple(laps), self._engines()
        outlet, publish, found, readings = Stdout(io.StringIO()), 0.0, 0, 0
        began = time.perf_counter()
        for _ in range(count):
            scene = self._pipeline.process(self._reel.frame(self._index))
            processed = time.perf_counter()
            for envelope in self._newsroom.scene(scene):
                outlet.send(envelope)
            publish += time.perf_counter() - processed
            self._index += 1
            found += scene.room.faces
            readings += scene.readings
        seconds = time.perf_counter() - began
        detect, track, read, mood = (now - then for now, then in zip(astuple(laps), before, strict=True))
        cut, network = (now - then for now, then in zip(self._engines(), engines_before, strict=True))
        # Engines work beside one another: each stage gets its share of the time that has really passed.
        batch = read * cut / max(cut + network, 1e-9)
        return {
            "seconds": seconds,
            "detect": detect,
            "track": track,
            "batch": batch,
            "classify": read - batch,
            "mood": mood,
            "publish": publish,
            "found": found,
            "readings": readings,
        }

    def _engines(self) -> tuple[float, float]:
        engines = self._classifier.engines
        return sum(engine.batch_seconds for engine in engines), sum(engine.network_seconds for engine in engines)


def rush(runner: Runner, reel: Reel, seconds: float, rounds: int = 5) -> Rush:
    """Run for about ``seconds`` in all."""
    first = runner.frames(3)
    count = max(5, round(seconds / rounds / max(first["seconds"] / 3.0, 1e-6)))
    return summary(reel, [(count, runner.frames(count)) for _ in range(rounds)])


def summary(reel: Reel, results: list[tuple[int, dict[str, float]]]) -> Rush:
    """Put rounds of (frames, what ``Runner.frames`` returned) together."""

    def median(key: str) -> float:
        return statistics.median(result[key] / count for count, result in results)

    stages = {name: 1000.0 * median(name) for name in ("detect", "track", "batch", "classify", "mood", "publish")}
    rate_hz = 1.0 / median("seconds")
    frames = sum(count for count, _ in results)
    found = sum(result["found"] for _, result in results) / frames
    readings = sum(result["readings"] for _, result in results) / frames
    return Rush(
        Stages(1000.0 * reel.capture_seconds, **stages),
        rate_hz,
        found * rate_hz,
        found,
        readings * reel.rate_hz / max(reel.faces or found, 1e-9),
    )


def row(result: Rush) -> dict[str, Any]:
    """Return the result ready for JSON."""
    built: dict[str, Any] = msgspec.to_builtins(result)
    return built
