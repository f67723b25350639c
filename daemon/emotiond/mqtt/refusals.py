"""What the broker has refused, counted and said once in a while."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Final

log = logging.getLogger(__name__)
#: A refusal of the same topic is said again after this long.
REFUSAL_SECONDS: Final = 300.0


@dataclass
class Refusals:
    """Belongs to the courier's thread; ``count`` may be read by all."""

    count: int = 0
    _seconds: dict[str, float] = field(default_factory=dict)

    def note(self, topic: str, reason: str) -> None:
        """Count a refused message."""
        self.count += 1
        if not self.lately(topic):
            self._seconds[topic] = time.monotonic()
            log.warning("%s: refused by the broker: %s; may this user write there?", topic, reason)

    def lately(self, topic: str) -> bool:
        """Say whether this topic has been refused a short time ago."""
        return time.monotonic() - self._seconds.get(topic, float("-inf")) < REFUSAL_SECONDS
