"""Which stage the loop is inside, and whether it has been there for longer than one item may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal

Stage = Literal["detection", "tracking", "classification", "mood", "publishing"]


class Progress:
    """Told by the loop, asked by any thread; a stage without a limit may take for ever."""

    def __init__(
        self, limits_seconds: Mapping[str, float] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits_seconds = dict(limits_seconds or {})
        self._clock = clock
        # One object, so that whoever asks from another thread sees a stage with its own time.
        self._inside: tuple[Stage, float] | None = None

    def at(self, stage: Stage) -> None:
        """Begin one item of ``stage``; whatever was before is done."""
        self._inside = (stage, self._clock())

    def rest(self) -> None:
        """Be inside no stage: what waits for work hangs nowhere."""
        self._inside = None

    def overdue(self) -> str:
        """Name the stage that has been inside one item for longer than it may; empty where all is well."""
        inside = self._inside
        if inside is None:
            return ""
        stage, since_seconds = inside
        limit_seconds = self._limits_seconds.get(stage, float("inf"))
        if self._clock() - since_seconds <= limit_seconds:
            return ""
        return f"{stage} has been busy with one item for more than {limit_seconds:g} s"
