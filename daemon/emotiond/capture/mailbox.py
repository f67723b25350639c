"""Where a camera's thread leaves frames and the pipeline finds them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from emotiond.records import Frame


class Bell:
    """Rings when any of the mailboxes that share it has changed; the pipeline waits here for all cameras at once."""

    def __init__(self) -> None:
        self.condition = threading.Condition()

    def wait_for(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until ``ready`` says so, asked again at each ring, ``seconds`` at most."""
        with self.condition:
            self.condition.wait_for(ready, seconds)

    def ring(self) -> None:
        """Wake the pipeline."""
        with self.condition:
            self.condition.notify_all()


class Mailbox:
    """A bounded queue of frames: full, a live one drops its oldest frame, a lossless one makes the camera wait."""

    def __init__(self, bell: Bell, *, lossless: bool, capacity: int) -> None:
        self._bell = bell
        self._lossless = lossless
        self._capacity = capacity
        self._frames: deque[Frame] = deque()
        self._closed = False
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Leave a frame; returns without one once the mailbox is closed."""
        with self._bell.condition:
            if self._lossless:
                self._bell.condition.wait_for(lambda: self._closed or len(self._frames) < self._capacity)
            elif len(self._frames) == self._capacity and not self._closed:
                self._frames.popleft()
                self.dropped += 1
            if not self._closed:
                self._frames.append(frame)
                self._bell.condition.notify_all()

    def take(self) -> Frame | None:
        """Take the oldest frame, or None where there is none."""
        with self._bell.condition:
            if not self._frames:
                return None
            frame = self._frames.popleft()
            if self._lossless:
                self._bell.condition.notify_all()
            return frame

    def close(self) -> None:
        """Take no more frames, and let go of whoever waits to leave one."""
        with self._bell.condition:
            self._closed = True
            self._bell.condition.notify_all()

    def __len__(self) -> int:
        """Count the frames that wait."""
        return len(self._frames)
