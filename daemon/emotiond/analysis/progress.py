"""The bar that shows how far the work is and how long it still takes; nothing where nobody looks at a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Bar:
    """On standard error, and only where that is a terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.seen = sys.stderr.isatty()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not self.seen,
        )
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._progress.stop()

    def expect(self, pictures: int | None, done: int) -> None:
        """Say how many pictures there are in all, None where nobody knows, and how many were done before."""
        self._progress.update(self._task, total=pictures, completed=done)

    def on(self, name: str) -> None:
        """Name what is being read."""
        self._progress.update(self._task, description=name)

    def step(self) -> None:
        """Count one picture."""
        self._progress.advance(self._task)

    def say(self, line: str) -> None:
        """Print a line on standard error, above the bar."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
