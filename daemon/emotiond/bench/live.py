"""The whole service at the camera's own rate, with a real broker: who waits for how long, and what it takes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
import numpy as np

from emotiond import assembly, delivery
from emotiond.bench.machine import processor_seconds, resident_megabytes
from emotiond.bench.reel import CAMERA, Player, Reel
from emotiond.bench.witness import Stamped, Witness
from emotiond.capture.reader import Reader, Retry
from emotiond.config import Camera, Config, HomeAssistant
from emotiond.mqtt.publisher import Publisher
from emotiond.service import Service
from emotiond.vision.classifier import Classifier
from emotiond.vision.detector import Detector

#: What happens before is not counted: connecting, first frames, faces that enter.
WARM_UP_SECONDS: Final = 1.5
#: A machine that is too slow for so many frames in the time that was asked for gets more of it, but not for ever.
LEAST_FRAMES: Final = 10
LONGEST_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Live:
    """What one reel gave."""

    frames_per_second: float
    #: Of these, how many were decoded: while nobody is there and nothing moves, not all are.
    decoded_per_second: float
    #: Frames that nobody had time for.
    dropped: int
    found: float
    #: On average over the people in the scene.
    readings_per_face_and_second: float
    #: From capture to the broker's acknowledgement; None without a broker.
    latency_p50_milliseconds: float | None
    latency_p95_milliseconds: float | None
    latency_p99_milliseconds: float | None
    #: Of one core.
    cpu_share: float
    resident_megabytes: float


class _Mark(NamedTuple):
    seconds: float
    processor_seconds: float
    dropped: int


def live(config: Config, reel: Reel, detector: Detector, classifier: Classifier, port: int, seconds: float) -> Live:
    """Run the service for about ``seconds`` after its warm-up, against the broker at ``port`` of this machine."""
    config = _at(config, reel, port)
    ground = assembly.stand(config, "mqtt")
    reader = Reader(CAMERA, Player(reel), ground.bell, Retry(1.0, 1.0))
    newsroom = Stamped(delivery.topics(config), ground.identity, config.mood.interval_seconds, delivery.clock(config))
    witness = Witness(Publisher(delivery.broker(config)), newsroom)
    desk = delivery.desk(config, ground.inbox)
    courier = delivery.courier(config, desk, witness)
    crew = assembly.crew_of(config, ground, [reader], detector, classifier, newsroom, courier, desk)
    service = assembly.service_of(crew, ground, lambda: config)
    marks: list[_Mark] = []
    watcher = threading.Thread(
        target=_watch, args=(service, reader, newsroom, seconds, marks), name="bench-watch", daemon=True
    )
    watcher.start()
    service.run()
    watcher.join()
    began, ended = marks
    lasted = ended.seconds - began.seconds
    scenes = [scene for scene in newsroom.scenes if began.seconds <= scene.time_seconds < ended.seconds]
    found = sum(scene.faces for scene in scenes) / max(len(scenes), 1)
    readings = sum(scene.readings for scene in scenes) / lasted
    latencies = witness.latencies(began.seconds)
    return Live(
        len(scenes) / lasted,
        sum(not scene.blank for scene in scenes) / lasted,
        ended.dropped - began.dropped,
        found,
        readings / max(reel.faces or found, 1e-9),
        _milliseconds(latencies, 50),
        _milliseconds(latencies, 95),
        _milliseconds(latencies, 99),
        (ended.processor_seconds - began.processor_seconds) / lasted,
        resident_megabytes(),
    )


def _watch(service: Service, reader: Reader, newsroom: Stamped, seconds: float, marks: list[_Mark]) -> None:
    """Let the service run for as long as it must, and stop it; note how things stood at both ends."""
    time.sleep(WARM_UP_SECONDS)
    marks.append(_mark(reader))
    before, began = len(newsroom.scenes), marks[0].seconds
    while (passed := time.monotonic() - began) < seconds + LONGEST_SECONDS:
        if passed >= seconds and len(newsroom.scenes) - before >= LEAST_FRAMES:
            break
        time.sleep(0.1)
    marks.append(_mark(reader))
    service.stop()


def _mark(reader: Reader) -> _Mark:
    return _Mark(time.monotonic(), processor_seconds(), reader.mailbox.dropped)


def _at(config: Config, reel: Reel, port: int) -> Config:
    # A message for every frame: what is measured is how long one takes, not how often one is due. Of an empty room
    # it is what the service takes: there, messages come as they are due.
    interval_seconds = config.mood.interval_seconds if reel.empty else 1e-3
    mood = msgspec.structs.replace(config.mood, interval_seconds=interval_seconds)
    mqtt = msgspec.structs.replace(
        config.mqtt,
        host="127.0.0.1",
        port=port,
        prefix="bench",
        device="bench",
        tls=False,
        username="",
        homeassistant=HomeAssistant(enabled=False),
    )
    camera = Camera(name=CAMERA, frames_per_second=reel.rate_hz)
    # Whoever is slowed down measures something else.
    governor = msgspec.structs.replace(config.governor, enabled=False)
    return msgspec.structs.replace(config, camera=(camera,), mood=mood, mqtt=mqtt, governor=governor)


def _milliseconds(latencies: list[float], share: float) -> float | None:
    return 1000.0 * float(np.percentile(latencies, share)) if latencies else None
