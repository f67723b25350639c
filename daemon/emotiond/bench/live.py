"""The whole service at the camera's own rate, with a real broker: who waits for how long, and what it takes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from emotiond import assembly, delivery
from emotiond.bench.machine import processor_seconds, resident_megabytes
from emotiond.bench.reel import CAMERA, Player, Reel
from emotiond.bench.witness import Stamped, Witness
from emotiond.capture.reader import Reader, Retry
from emotiond.config import Camera, Config, HomeAssistant
from emotiond.mqtt.publisher import Publisher
from emotiond.vision.classifier import Classifier
from emotiond.vision.detector import Detector

#: What happens before is not counted: connecting, first frames, faces that enter.
WARM_UP_SECONDS: Final = 1.5


@dataclass(frozen=True)
class Live:
    """What one reel gave."""

    frames_per_second: float
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


def live(config: Config, reel: Reel, detector: Detector, classifier: Classifier, port: int, seconds: float) -> Live:
    """Run the service for ``seconds`` after its warm-up, against the broker at ``port`` of this machine."""
    config = _at(config, reel, port)
    ground = assembly.stand(config, "mqtt")
    reader = Reader(CAMERA, Player(reel), ground.bell, Retry(1.0, 1.0))
    newsroom = Stamped(delivery.topics(config), ground.identity, config.mood.interval_seconds, delivery.clock(config))
    witness = Witness(Publisher(delivery.broker(config)))
    desk = delivery.desk(config, ground.inbox)
    courier = delivery.courier(config, desk, witness)
    crew = assembly.crew_of(config, ground, [reader], detector, classifier, newsroom, courier, desk)
    service = assembly.service_of(crew, ground, lambda: config)
    spent: list[float] = []
    began = time.monotonic() + WARM_UP_SECONDS
    timers = [
        threading.Timer(WARM_UP_SECONDS, lambda: spent.extend((processor_seconds(), float(reader.mailbox.dropped)))),
        threading.Timer(WARM_UP_SECONDS + seconds, service.stop),
    ]
    for timer in timers:
        timer.start()
    service.run()
    used, dropped = processor_seconds() - spent[0], reader.mailbox.dropped - int(spent[1])
    lasted = time.monotonic() - began
    scenes = [scene for scene in newsroom.scenes if scene[0] >= began]
    found = sum(faces for _, faces, _ in scenes) / max(len(scenes), 1)
    readings = sum(read for _, _, read in scenes) / seconds
    latencies = witness.latencies(newsroom, began)
    return Live(
        len(scenes) / seconds,
        dropped,
        found,
        readings / max(reel.faces or found, 1e-9),
        _milliseconds(latencies, 50),
        _milliseconds(latencies, 95),
        _milliseconds(latencies, 99),
        used / lasted,
        resident_megabytes(),
    )


def _at(config: Config, reel: Reel, port: int) -> Config:
    # A message for every frame: what is measured is how long one takes, not how often one is due.
    mood = msgspec.structs.replace(config.mood, interval_seconds=1e-3)
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
