"""Who uses the processor: we, others, or nobody."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

#: Columns of a line ``cpu`` in /proc/stat.
_USER, _NICE, _SYSTEM, _IDLE, _IOWAIT, _IRQ, _SOFTIRQ, _STEAL = range(8)
#: Fields behind the name in /proc/PID/stat: whose child it is, and the time that it has used.
_PARENT, _USER_TIME, _SYSTEM_TIME = 1, 11, 12
_BEFORE: Final = 8


class Shares(NamedTuple):
    """Parts of all cores together, 0..1, between two looks."""

    others: float
    idle: float


class Load:
    """Compares each look with the one before; processes that gave way by being nice count as idle."""

    def __init__(self, proc: Path = Path("/proc"), process: int | None = None) -> None:
        self._proc = proc
        self._process = os.getpid() if process is None else process
        self._machine: list[int] | None = None
        self._ours = 0

    def look(self) -> Shares | None:
        """Return the shares since the last look; None at the first, and where the machine does not tell."""
        try:
            line = (self._proc / "stat").read_text(encoding="ascii").partition("\n")[0]
            machine = [int(word) for word in line.split()[1 : 1 + _BEFORE]]
        except (OSError, ValueError):
            return None
        ours = sum(self._ticks_of(folder) for folder in self._proc.glob("[0-9]*"))
        before, self._machine = self._machine, machine
        used, self._ours = max(0, ours - self._ours), ours
        if before is None or len(machine) < _BEFORE or sum(machine) <= sum(before):
            return None
        spent = [now - then for now, then in zip(machine, before, strict=True)]
        total = sum(spent)
        busy = spent[_USER] + spent[_SYSTEM] + spent[_IRQ] + spent[_SOFTIRQ] + spent[_STEAL]
        idle = spent[_IDLE] + spent[_IOWAIT] + spent[_NICE]
        return Shares(min(1.0, max(0.0, (busy - used) / total)), min(1.0, max(0.0, idle / total)))

    def _ticks_of(self, folder: Path) -> int:
        """Ticks that a process has used; 0 where it is neither we nor a child of ours."""
        try:
            # The name stands in brackets and may hold anything.
            words = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(folder.name) != self._process and int(words[_PARENT]) != self._process:
                return 0
            return int(words[_USER_TIME]) + int(words[_SYSTEM_TIME])
        except (OSError, ValueError, IndexError):
            # It has ended in between.
            return 0
