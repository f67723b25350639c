"""What the loop knows of its own pace: rates, latency, faces, and which cameras are paused."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from emotiond.records import CameraLoad, DeviceHealth

#: Frames that the figures are made of.
MEMORY: Final = 120
#: Without a frame for this long, the rate is zero.
SILENCE_SECONDS: Final = 5.0


def _times() -> deque[float]:
    return deque(maxlen=MEMORY)


def _counts() -> deque[int]:
    return deque(maxlen=MEMORY)


@dataclass
class _Lane:
    """One camera."""

    times: deque[float] = field(default_factory=_times)
    faces: int = 0
    #: Faces in view and faces read, of the same frames as ``times``.
    seen: deque[int] = field(default_factory=_counts)
    read: deque[int] = field(default_factory=_counts)
    paused: bool = False
    seen_seconds: float = float("-inf")


class Vitals:
    """Counts frames as they are done; ``celsius`` and ``throttled`` ask the machine."""

    def __init__(
        self, cameras: Iterable[str], celsius: Callable[[], float | None], throttled: Callable[[], bool | None]
    ) -> None:
        self._lanes = {camera: _Lane() for camera in cameras}
        self._celsius = celsius
        self._throttled = throttled
        self._times = _times()
        self._latencies = _times()
        self._started_seconds = time.monotonic()
        #: Frames of each live camera that are read per second at most; 0 is no limit.
        self.frames_per_second_limit = 0.0
        #: The same, as the machine's condition allows; how far the work is stepped down for it, and why.
        self.step_limit = 0.0
        self.step = 0
        self.step_reason = ""

    def watch(self, cameras: Iterable[str]) -> None:
        """Watch these cameras from now on: those that are known stay paused, and a limit that was set is lifted."""
        self._lanes = {camera: self._lanes.get(camera) or _Lane() for camera in cameras}
        self.frames_per_second_limit = 0.0

    def wanted(self, camera: str, *, live: bool, blank: bool = False) -> bool:
        """Say whether a frame should be read now: its camera is not paused, and a live one's rate allows it.

        Where there is a limit, a blank one does not take the place of one that shows something.
        """
        lane = self._lanes[camera]
        if lane.paused:
            return False
        now = time.monotonic()
        limits = [limit for limit in (self.frames_per_second_limit, self.step_limit) if limit]
        if live and limits and (blank or now - lane.seen_seconds < 1.0 / min(limits)):
            return False
        lane.seen_seconds = now
        return True

    def done(self, camera: str, faces: int, latency_seconds: float, readings: int = 0) -> None:
        """Count a frame whose messages have been handed over: ``faces`` in view, ``readings`` of them read."""
        lane = self._lanes[camera]
        lane.faces = faces
        lane.seen.append(faces)
        lane.read.append(readings)
        now = time.monotonic()
        lane.times.append(now)
        self._times.append(now)
        self._latencies.append(latency_seconds)

    def left(self, camera: str) -> None:
        """Note that nobody is in view of a camera any more."""
        self._lanes[camera].faces = 0

    def pause(self, camera: str, *, paused: bool) -> None:
        """Pause a camera, or let it go on."""
        self._lanes[camera].paused = paused

    def paused(self, camera: str) -> bool:
        """Say whether a camera is paused."""
        return self._lanes[camera].paused

    @property
    def faces(self) -> int:
        """Faces in view of all cameras."""
        return sum(lane.faces for lane in self._lanes.values())

    def loads(self) -> dict[str, CameraLoad]:
        """Return the load of each camera."""
        return {camera: _load(lane) for camera, lane in self._lanes.items()}

    @property
    def rate_hz(self) -> float:
        """Frames per second of all cameras together."""
        return _rate_hz(self._times)

    def health(self) -> DeviceHealth:
        """Return how the device is now."""
        ordered = sorted(self._latencies)
        return DeviceHealth(
            uptime_seconds=time.monotonic() - self._started_seconds,
            frames_per_second=self.rate_hz,
            latency_p50_seconds=ordered[len(ordered) // 2] if ordered else None,
            latency_p95_seconds=ordered[len(ordered) * 95 // 100] if ordered else None,
            cpu_celsius=self._celsius(),
            throttled=self._throttled(),
            step=self.step,
            step_reason=self.step_reason,
        )


def _rate_hz(times: deque[float]) -> float:
    if len(times) < 2 or time.monotonic() - times[-1] > SILENCE_SECONDS:
        return 0.0
    return (len(times) - 1) / max(time.monotonic() - times[0], 1e-6)


def _load(lane: _Lane) -> CameraLoad:
    rate_hz = _rate_hz(lane.times)
    return CameraLoad(rate_hz, lane.faces, lane.paused, rate_hz * sum(lane.read) / max(sum(lane.seen), 1))
