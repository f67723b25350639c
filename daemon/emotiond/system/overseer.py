"""Looks at the loop from outside, and has systemd end us where it hangs.

It never says that all is well: that says the loop itself, between two items. So a process in which nothing turns any
more, this thread included, is ended as well, only later: by ``WatchdogSec=``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from emotiond.system.notify import Notifier

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5


class Overseer:
    """A thread that asks ``overdue`` again and again, and speaks up once for each time that something hangs."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, overdue: Callable[[], str]) -> None:
        """Begin; ``overdue`` names what hangs, and is empty where all is well."""
        self._thread = threading.Thread(target=self._look, args=(overdue,), name="overseer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more: the end has its own limit."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self, overdue: Callable[[], str]) -> None:
        said = ""
        while not self._stop.wait(LOOK_SECONDS):
            why = overdue()
            if why and why != said:
                log.error("%s", why)
                self._notifier.give_up(why)
            said = why
