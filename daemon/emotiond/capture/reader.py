"""The thread of one camera: reads, keeps the time, and opens the camera again when it is gone."""

from __future__ import annotations

import logging
import random
import threading
import time
from dataclasses import dataclass

from emotiond.capture.mailbox import Bell, Mailbox
from emotiond.capture.source import Picture, PictureError, Source, SourceError
from emotiond.records import CameraReport, CameraState, Frame

log = logging.getLogger(__name__)
#: Frames of a finite source that may wait for the pipeline.
LOSSLESS_CAPACITY = 4


@dataclass(frozen=True)
class Retry:
    """How long to wait before a camera is opened again: doubling, with jitter."""

    first_seconds: float
    longest_seconds: float

    def pauses(self) -> list[float]:
        """List the pauses up to the longest one, which then repeats."""
        pauses = [self.first_seconds]
        while pauses[-1] < self.longest_seconds:
            pauses.append(min(pauses[-1] * 2.0, self.longest_seconds))
        return pauses


class Reader:
    """Reads one source in a thread of its own; the pipeline takes from ``mailbox`` and asks for ``report``."""

    def __init__(
        self,
        camera: str,
        source: Source,
        bell: Bell,
        retry: Retry,
        *,
        realtime: bool = True,
        silence_seconds: float = float("inf"),
    ) -> None:
        self.camera = camera
        self.live = source.live
        self.mailbox = Mailbox(bell, lossless=not source.live, capacity=1 if source.live else LOSSLESS_CAPACITY)
        self._source = source
        self._bell = bell
        self._retry = retry
        self._realtime = realtime
        self._stop = threading.Event()
        self._state = CameraState.CONNECTING
        self._reason = ""
        self._silence_seconds = silence_seconds
        self._frame_seconds = float("inf")
        self._frames = 0
        self._bad = 0
        # A read that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=f"capture-{camera}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Stop reading; a read that hangs is left behind after ``seconds``."""
        self._stop.set()
        self.mailbox.close()
        self._thread.join(seconds)

    @property
    def failed(self) -> bool:
        """Whether a finite source could not be read to its end."""
        return self._state is CameraState.ENDED and bool(self._reason)

    def report(self) -> CameraReport:
        """Return the camera's health now."""
        # A file has not ended before its last frame is taken.
        unread = self._state is CameraState.ENDED and len(self.mailbox) > 0
        silent_seconds = time.monotonic() - self._frame_seconds
        # A driver may keep a read for as long as it likes: the camera is gone all the same.
        if self.live and self._state is CameraState.ONLINE and silent_seconds > self._silence_seconds:
            reason = f"has given no frame for more than {self._silence_seconds:g} s"
            return CameraReport(self.camera, CameraState.OFFLINE, reason, self._frames, self.mailbox.dropped)
        state = CameraState.ONLINE if unread else self._state
        return CameraReport(self.camera, state, self._reason, self._frames, self.mailbox.dropped)

    def _run(self) -> None:
        pauses = self._retry.pauses()
        attempt = 0
        while not self._stop.is_set():
            before = self._frames
            try:
                self._source.open()
                self._read_all()
                self._become(CameraState.ENDED, f"{self._bad} pictures could not be read" if self._bad else "")
            except SourceError as error:
                self._become(CameraState.OFFLINE if self._source.live else CameraState.ENDED, str(error))
            finally:
                self._source.close()
            if self._state is CameraState.ENDED:
                return
            attempt = 0 if self._frames > before else attempt
            pause = pauses[min(attempt, len(pauses) - 1)]
            attempt += 1
            self._stop.wait(pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, keeps no secret

    def _read_all(self) -> None:
        started = time.monotonic()
        while not self._stop.is_set():
            try:
                picture = self._source.read()
            except PictureError as error:
                self._bad += 1
                log.warning("%s", error, extra={"camera": self.camera})
                continue
            if picture is None:
                return
            if self._realtime and not self._source.paced:
                self._stop.wait(max(0.0, started + picture.time_seconds - time.monotonic()))
            self.mailbox.put(self._framed(picture))
            self._frames += 1
            self._frame_seconds = time.monotonic()
            if self._state is not CameraState.ONLINE:
                self._become(CameraState.ONLINE, "")

    def _framed(self, picture: Picture) -> Frame:
        now = time.monotonic() if self._source.live else picture.time_seconds
        return Frame(self.camera, self._frames, now, picture.pixels, picture.name, self._source.still)

    def _become(self, state: CameraState, reason: str) -> None:
        # A failure is logged each time that it happens: the log itself leaves out what it has been told.
        if reason or state is not self._state:
            level = logging.WARNING if reason else logging.INFO
            log.log(
                level,
                "camera %s: %s%s",
                self.camera,
                state,
                f": {reason}" if reason else "",
                extra={"camera": self.camera},
            )
        self._state, self._reason = state, reason
        self._bell.ring()
