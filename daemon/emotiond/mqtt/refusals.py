"""What the broker has refused, counted and said once in a while; and what it may hang up on, which is said to it alone."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Final

log = logging.getLogger(__name__)
#: A refusal of the same topic is said again after this long.
SAID_SECONDS: Final = 300.0
#: A state that was refused is tried again after this long.
RETRY_SECONDS: Final = 60.0


@dataclass
class Refusals:
    """Belongs to the courier's thread; ``count`` may be read by all.

    A broker may end the connection over one message: one of 3.1.1 has no other way to refuse it, and Debian's mosquitto
    2.0.11 does so where ``max_queued_messages`` is 0. Whatever was sent behind it then hides its word of refusal. So
    each topic that was on its way goes alone on the next connection, until the broker has taken it.
    """

    count: int = 0
    _doubted: set[str] = field(default_factory=set)
    _refused: dict[str, float] = field(default_factory=dict)
    _said: dict[str, float] = field(default_factory=dict)
    #: The newest word of the broker was the refusal of this topic: will it hang up now?
    _last: str = ""

    def answered(self, topic: str, refusal: str) -> None:
        """Note the broker's word on a message: it has taken it, or counts as having refused it for the reason given."""
        # It has not hung up on the one before, then.
        self._doubted.discard(self._last)
        self._last = topic if refusal else ""
        if refusal:
            self.count += 1
            self._suspect(topic, f"refused by the broker: {refusal}")
        else:
            self._doubted.discard(topic)
            self._refused.pop(topic, None)

    def broke_off(self, on_their_way: set[str]) -> None:
        """Note what had not been acknowledged when the connection ended."""
        if self._last:
            self._doubted.add(self._last)
        elif len(on_their_way) == 1 and on_their_way <= self._doubted:
            self._suspect(min(on_their_way), "two connections have ended with this on its way")
        self._doubted |= on_their_way
        self._last = ""

    def lately(self, topic: str) -> bool:
        """Say whether this topic has been refused a short time ago."""
        return time.monotonic() - self._refused.get(topic, float("-inf")) < RETRY_SECONDS

    def must_wait(self, topic: str, on_their_way: set[str]) -> bool:
        """Say whether a message waits until the broker has answered to others: it goes alone, or one of them does."""
        return bool(on_their_way) and not self._doubted.isdisjoint({topic, *on_their_way})

    def _suspect(self, topic: str, why: str) -> None:
        now = time.monotonic()
        self._refused[topic] = now
        if now - self._said.get(topic, float("-inf")) >= SAID_SECONDS:
            self._said[topic] = now
            log.warning("%s: %s; may this user write there?", topic, why)
