"""What systemd is told, through systemd-python; silent where nobody listens."""

from __future__ import annotations

import logging
import os
import time

try:
    from systemd import daemon
except ImportError:
    daemon = None

log = logging.getLogger(__name__)
#: systemd asks for a sign of life at least every WatchdogSec; this often is often enough for any sensible one.
ALIVE_SECONDS = 1.0


class Notifier:
    """Speaks to the socket that ``NOTIFY_SOCKET`` names."""

    def __init__(self) -> None:
        self._listening = "NOTIFY_SOCKET" in os.environ
        self._alive_seconds = float("-inf")
        if self._listening and daemon is None:
            log.warning("systemd waits for a word and systemd-python is missing: pip install 'emotiond[systemd]'")

    def ready(self) -> None:
        """Configuration valid, models loaded, loop running."""
        self._tell("READY=1")

    def status(self, text: str) -> None:
        """Say in words what goes on."""
        self._tell(f"STATUS={text}")

    def alive(self) -> None:
        """Feed the watchdog; called by the loop itself and by nobody else."""
        now = time.monotonic()
        if now - self._alive_seconds >= ALIVE_SECONDS:
            self._alive_seconds = now
            self._tell("WATCHDOG=1")

    def give_up(self, why: str) -> None:
        """Something hangs: have systemd do at once what it does when the watchdog starves, where it keeps one."""
        self.status(why)
        if "WATCHDOG_USEC" in os.environ:
            self._tell("WATCHDOG=trigger")

    def reloading(self) -> None:
        """The configuration is being read again; ``ready`` ends it, whether the new one is taken or refused."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if self._listening and daemon is not None:
            daemon.notify(message)
