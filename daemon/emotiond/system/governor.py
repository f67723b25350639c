"""Decides how far the work is stepped down: by heat, by a firmware that holds back, by others who need the processor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

#: So many times ``up_seconds`` a step up must hold, or it was a mistake,
TRIAL: Final = 10
#: and each mistake doubles the wait before the next try, up to this factor.
LONGEST_PATIENCE: Final = 16
#: Others count as a strain only where they leave no more than this idle.
IDLE_SHARE: Final = 0.1


@dataclass(frozen=True)
class Limits:
    """When the work is stepped down, and when up again; between the two nothing changes."""

    hot_celsius: float
    cool_celsius: float
    #: Share of all cores that others use.
    busy_share: float
    quiet_share: float
    #: How long a strain must have lasted, and how long the last change must be ago.
    down_seconds: float
    #: The same for calm.
    up_seconds: float


class Condition(NamedTuple):
    """How the machine is; None where it cannot say."""

    celsius: float | None = None
    #: What the firmware holds back for now, in words; empty is nothing.
    hindrance: str = ""
    others_share: float | None = None
    idle_share: float | None = None


class Verdict(NamedTuple):
    """How far the work is stepped down, 0 not at all, and why."""

    step: int
    reason: str


class Governor:
    """Goes one step at a time, between 0 and ``last_step``; all times are given."""

    def __init__(self, limits: Limits, last_step: int) -> None:
        self._limits = limits
        self._last_step = last_step
        self._step = 0
        self._reason = ""
        self._strained_seconds: float | None = None
        self._calm_seconds: float | None = None
        self._changed_seconds = float("-inf")
        self._trial_until = float("-inf")
        self._patience = 1

    def decide(self, condition: Condition, now_seconds: float) -> Verdict:
        """Take in how the machine is at ``now_seconds``."""
        strain = self._strain(condition)
        calm = not strain and self._calm(condition)
        self._strained_seconds = _since(self._strained_seconds, now_seconds, holds=bool(strain))
        self._calm_seconds = _since(self._calm_seconds, now_seconds, holds=calm)
        if self._trial_until <= now_seconds and self._trial_until > float("-inf"):
            # The last step up has held.
            self._trial_until, self._patience = float("-inf"), 1
        if strain:
            self._reason = strain if self._step or self._due(self._strained_seconds, now_seconds) else self._reason
            if self._step < self._last_step and self._due(self._strained_seconds, now_seconds):
                self._go_down(strain, now_seconds)
        elif self._step and self._due(self._calm_seconds, now_seconds, up=True):
            self._go_up(now_seconds)
        return Verdict(self._step, self._reason if self._step else "")

    def _due(self, since: float | None, now_seconds: float, *, up: bool = False) -> bool:
        limits = self._limits
        wait = limits.up_seconds * self._patience if up else limits.down_seconds
        return since is not None and now_seconds - max(since, self._changed_seconds) >= wait

    def _go_down(self, strain: str, now_seconds: float) -> None:
        if now_seconds < self._trial_until:
            self._trial_until = float("-inf")
            self._patience = min(self._patience * 2, LONGEST_PATIENCE)
        self._step += 1
        self._reason, self._changed_seconds = strain, now_seconds

    def _go_up(self, now_seconds: float) -> None:
        self._step -= 1
        self._changed_seconds = now_seconds
        self._trial_until = now_seconds + TRIAL * self._limits.up_seconds

    def _strain(self, condition: Condition) -> str:
        """Say what strains the machine; empty where nothing does."""
        if condition.hindrance:
            return condition.hindrance
        if condition.celsius is not None and condition.celsius >= self._limits.hot_celsius:
            return f"{condition.celsius:.0f} °C"
        others, idle = condition.others_share, condition.idle_share
        if others is not None and others >= self._limits.busy_share and (idle is None or idle <= IDLE_SHARE):
            return f"other programs use {others:.0%} of the processor"
        return ""

    def _calm(self, condition: Condition) -> bool:
        cool = condition.celsius is None or condition.celsius <= self._limits.cool_celsius
        quiet = condition.others_share is None or condition.others_share <= self._limits.quiet_share
        return cool and quiet


def _since(since: float | None, now_seconds: float, *, holds: bool) -> float | None:
    """Return since when something holds; None where it does not."""
    if not holds:
        return None
    return now_seconds if since is None else since
