"""How the broker is reached, and what the next attempt learns from the last one: version, pause, and suspicion."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final, Literal

from emotiond.mqtt.login import Login

Version = Literal["5", "3.1.1"]
#: A connection that ends sooner was no success: the next pause grows.
STABLE_SECONDS: Final = 10.0
#: 3.1.1 has no word for "somebody else uses your client id", and not every broker says it in 5: so many short
#: connections in a row do.
SHORT_CONNECTIONS: Final = 3
#: Reason codes of MQTT 5.
TAKEN_OVER: Final = 0x8E
UNSUPPORTED_VERSION: Final = 0x84


@dataclass(frozen=True)
class Broker:
    """How to reach the broker."""

    host: str
    port: int
    client_id: str
    #: Topic on which the broker says ``offline`` once we are gone; empty is no last will.
    availability: str
    login: Login
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    keepalive_seconds: int = 30
    state_expiry_seconds: int = 300
    retry_first_seconds: float = 1.0
    retry_longest_seconds: float = 30.0

    def __str__(self) -> str:
        """Name the broker, and nothing secret."""
        return f"broker {self.host}:{self.port}"


@dataclass
class Attempt:
    """One connection, from the first packet to the last."""

    number: int
    version: Version
    accepted_seconds: float | None = None
    #: How long it lasted once the broker had let us in.
    lasted_seconds: float = 0.0
    #: Why the broker did not let us in, or why the connection ended, with MQTT 5's code where there is one.
    reason: str = ""
    code: int | None = None
    #: The broker took the connection and said nothing.
    silent: bool = False
    #: The broker refused a message: reason enough for some to hang up.
    refused: bool = False


class Patience:
    """Decides what to try next, and after which pause."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._failures = 0
        self._short = 0
        self._has_spoken_v5 = False
        self.version: Version = "3.1.1" if broker.protocol == "3.1.1" else "5"

    def learn(self, attempt: Attempt) -> float:
        """Take in how an attempt went, choose the next ``version``, and return the pause before it in seconds."""
        accepted = attempt.accepted_seconds is not None
        self._failures = 0 if attempt.lasted_seconds >= STABLE_SECONDS else self._failures + 1
        self._has_spoken_v5 |= accepted and attempt.version == "5"
        short = accepted and attempt.lasted_seconds < STABLE_SECONDS and not attempt.refused
        self._short = self._short + 1 if short else 0
        before, self.version = self.version, self._next_version(attempt)
        if self.version != before and not accepted:
            return 0.0
        return self._pause(attempt)

    @property
    def suspects_double(self) -> bool:
        """Whether short connections follow each other as if another client used our client id."""
        return self._short >= SHORT_CONNECTIONS

    def _next_version(self, attempt: Attempt) -> Version:
        """Choose another version only where the broker has hung up on this one."""
        if self._broker.protocol != "auto":
            return attempt.version
        if attempt.accepted_seconds is not None:
            # Whatever the broker was, what comes back may be a newer one.
            return "5"
        hung_up = attempt.code == UNSUPPORTED_VERSION or (attempt.code is None and bool(attempt.reason))
        # A broker that has spoken it before and is silent now has stopped, not forgotten.
        unknown = attempt.silent and not self._has_spoken_v5
        return "3.1.1" if attempt.version == "5" and (hung_up or unknown) else "5"

    def _pause(self, attempt: Attempt) -> float:
        broker = self._broker
        pause = min(broker.retry_first_seconds * 2.0 ** min(self._failures - 1, 16), broker.retry_longest_seconds)
        if attempt.code == TAKEN_OVER or self.suspects_double:
            # Two that throw each other out must not do so many times a second.
            pause = broker.retry_longest_seconds
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
