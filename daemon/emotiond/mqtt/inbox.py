"""Where requests wait until the loop finds time for them, between two frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from emotiond.records import Request


class Inbox:
    """A bounded queue of requests; a full one refuses, and whoever asked is told so."""

    def __init__(self, ring: Callable[[], None], capacity: int = 32) -> None:
        self._ring = ring
        self._capacity = capacity
        self._lock = threading.Lock()
        self._requests: deque[Request] = deque()
        self.refused = 0

    def put(self, request: Request) -> bool:
        """Leave a request; return False where there is no room."""
        with self._lock:
            if len(self._requests) >= self._capacity:
                self.refused += 1
                return False
            self._requests.append(request)
        self._ring()
        return True

    def take_all(self) -> list[Request]:
        """Take everything that waits."""
        with self._lock:
            requests = list(self._requests)
            self._requests.clear()
        return requests

    def __len__(self) -> int:
        """Count the requests that wait."""
        return len(self._requests)
