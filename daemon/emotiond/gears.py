"""Turns the work down and up: asks the machine how it is, the governor what follows, and turns the knobs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emotiond.pipeline import Pipeline
from emotiond.system.governor import Condition, Governor
from emotiond.vitals import Vitals

log = logging.getLogger(__name__)
#: How often the machine is asked.
LOOK_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Step:
    """One step of the ladder; the defaults leave every knob where the configuration has put it."""

    #: Frames of each live camera that are read per second at most; 0 is no limit.
    frames_per_second: float = 0.0
    #: Faces are looked for so many times more rarely.
    detect_every_times: int = 1
    #: Only faces so many times larger are looked for.
    look_coarser: int = 1
    #: Each face is read so many times more rarely.
    read_rarer: int = 1


#: Each step is less work than the one before: first reading, then finding, then everything.
LADDER: Final = (
    Step(),
    Step(read_rarer=2),
    Step(read_rarer=2, detect_every_times=2),
    Step(read_rarer=2, detect_every_times=3),
    Step(read_rarer=2, detect_every_times=3, look_coarser=2),
    Step(read_rarer=2, detect_every_times=2, look_coarser=2, frames_per_second=10.0),
    Step(look_coarser=2, frames_per_second=5.0),
    Step(look_coarser=2, frames_per_second=2.0),
)


class Gears:
    """Belongs to the loop; without a governor nothing is ever turned. Files are read in full whatever the heat."""

    def __init__(
        self,
        governor: Governor | None,
        look: Callable[[], Condition],
        pipeline: Pipeline,
        vitals: Vitals,
        *,
        live: bool,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._governor = governor if live else None
        self._look = look
        self._pipeline = pipeline
        self._vitals = vitals
        self._look_seconds = look_seconds
        self._looked_seconds = float("-inf")
        # A detector may be older than these gears: it outlives a reload.
        pipeline.look_coarser(1)

    def turn(self) -> bool:
        """Look whether it is time, and turn the knobs where the step has changed; return whether it has."""
        now = time.monotonic()
        if self._governor is None or now - self._looked_seconds < self._look_seconds:
            return False
        self._looked_seconds = now
        verdict = self._governor.decide(self._look(), now)
        before = self._vitals.step
        self._vitals.step, self._vitals.step_reason = verdict
        if verdict.step == before:
            return False
        self._apply(LADDER[verdict.step])
        direction = "down" if verdict.step > before else "up"
        why = f": {verdict.reason}" if verdict.step > before else ""
        log.info("work stepped %s to %d of %d%s", direction, verdict.step, len(LADDER) - 1, why)
        return True

    def _apply(self, step: Step) -> None:
        self._vitals.step_limit = step.frames_per_second
        self._pipeline.look_coarser(step.look_coarser)
        self._pipeline.look_rarer(step.detect_every_times)
        self._pipeline.read_rarer(step.read_rarer)
