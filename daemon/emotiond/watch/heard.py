"""What a view needs of ``state``: less than the contract has, so that a newer device can be watched too."""

from __future__ import annotations

import msgspec


class CameraHeard(msgspec.Struct, frozen=True):
    """One camera."""

    frames_per_second: float = 0.0
    dropped: int = 0
    paused: bool = False
    #: Why it is not online; empty otherwise.
    reason: str = ""


class QueueHeard(msgspec.Struct, frozen=True):
    """What waits on its way to the broker."""

    waiting: int = 0
    dropped: int = 0
    spooled: int = 0
    spool_dropped: int = 0
    spool_error: str = ""


class StateHeard(msgspec.Struct, frozen=True):
    """How the device is."""

    frames_per_second: float = 0.0
    latency_p50_milliseconds: float | None = None
    latency_p95_milliseconds: float | None = None
    cpu_celsius: float | None = None
    throttled: bool | None = None
    queue: QueueHeard = QueueHeard()
    cameras: dict[str, CameraHeard] = msgspec.field(default_factory=dict)
