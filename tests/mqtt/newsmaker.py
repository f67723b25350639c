"""Makes events by the clock and sends them through the daemon's own newsroom and courier: no camera, no network.

``python -m tests.mqtt.newsmaker CONFIG RATE COUNT [BOOT_ID]`` does so as a process of its own, which can be killed; it
prints the number of each event once it has been handed over.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from pathlib import Path

import numpy as np

from emotiond import delivery
from emotiond.config import Config, load
from emotiond.mqtt.courier import Courier
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.records import EMOTIONS, Box, Event, EventKind, Mood

CAMERA = "desk"


def event_number(number: int, camera: str = CAMERA) -> Event:
    """Make the event of that number: faces enter, change and leave in turn."""
    scores = np.full(len(EMOTIONS), 0.05, np.float32)
    scores[number % len(EMOTIONS)] = 0.7
    kind = list(EventKind)[number % 3]
    return Event(
        kind=kind,
        camera=camera,
        track=1000 + number // 3,
        time_seconds=time.monotonic(),
        box=Box(0.1, 0.2, 0.3, 0.4),
        mood=Mood(EMOTIONS[number % len(EMOTIONS)], 0.7, scores),
        previous="neutral" if kind is EventKind.CHANGE else None,
        duration_seconds=0.0 if kind is EventKind.ENTER else 1.5,
        shares={"happy": 1.0} if kind is EventKind.LEAVE else {},
    )


class Newsmaker:
    """A device without a camera."""

    def __init__(self, config: Config, boot_id: str = "0123456789abcdef", inbox: Inbox | None = None) -> None:
        clock = delivery.clock(config)
        self.newsroom = Newsroom(delivery.topics(config), Identity("test", boot_id), 1.0, clock)
        self.courier: Courier = delivery.courier(config, delivery.desk(config, inbox or Inbox(lambda: None)))
        self.made = 0

    def start(self) -> Newsmaker:
        self.courier.start()
        return self

    def make(self, count: int = 1, rate_hz: float = 0.0, camera: str = CAMERA) -> None:
        """Make events at that rate; at 0, as fast as it goes."""
        began = time.monotonic()
        for index in range(count):
            if rate_hz:
                time.sleep(max(0.0, began + index / rate_hz - time.monotonic()))
            for envelope in self.newsroom.events([event_number(self.made, camera)]):
                self.courier.send(envelope)
            self.made += 1

    @property
    def outstanding(self) -> int:
        """Events that the broker has not acknowledged."""
        health = self.courier.health()
        return health.waiting + health.spooled


def main(arguments: list[str]) -> None:
    config, rate_hz, count = load(Path(arguments[0])), float(arguments[1]), int(arguments[2])
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    newsmaker = Newsmaker(config, *arguments[3:4]).start()
    try:
        while newsmaker.made < count:
            newsmaker.make(1)
            print(newsmaker.made, flush=True)  # noqa: T201 - what the test reads
            time.sleep(1.0 / rate_hz)
        time.sleep(3600)
    finally:
        newsmaker.courier.close()


if __name__ == "__main__":
    main(sys.argv[1:])
