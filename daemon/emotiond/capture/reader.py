"""The thread of one camera: reads, keeps the time, rests when it may not look, and opens it again when it is gone."""

from __future__ import annotations

import logging
import random
import threading
import time
from dataclasses import dataclass

from emotiond.capture.doze import Doze
from emotiond.capture.health import Health
from emotiond.capture.hours import Hours
from emotiond.capture.lens import Lens
from emotiond.capture.mailbox import Bell, Mailbox
from emotiond.capture.source import Hasty, Picture, PictureError, Source, SourceError
from emotiond.records import CameraReport, CameraState, Frame

log = logging.getLogger(__name__)
#: Frames of a finite source that may wait for the pipeline.
LOSSLESS_CAPACITY = 4
#: A camera that rests looks at its hours this often.
REST_SECONDS = 0.5


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


@dataclass(frozen=True)
class Patience:
    """What a live camera is given before it counts as gone, or its pictures as worth nothing."""

    #: Without a frame for this long it is gone, whatever its driver says.
    silence_seconds: float = float("inf")
    #: A picture that comes this late is left out; only such pictures for as long, and the camera is opened again.
    stale_seconds: float = float("inf")
    #: The same picture for this long is no view of a room.
    frozen_seconds: float = float("inf")


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
        patience: Patience = Patience(),
        lens: Lens | None = None,
        hours: Hours | None = None,
    ) -> None:
        self.camera = camera
        self.live = source.live
        self.mailbox = Mailbox(bell, lossless=not source.live, capacity=1 if source.live else LOSSLESS_CAPACITY)
        self._source = source
        self._hasty = source if isinstance(source, Hasty) else None
        self._bell = bell
        self._retry = retry
        self._realtime = realtime
        self._stop = threading.Event()
        self._state = CameraState.CONNECTING
        self._reason = ""
        self._patience = patience
        self._lens = lens or Lens()
        self.doze = Doze(source)
        self._hours = hours or Hours()
        self._health = Health(patience.frozen_seconds)
        self._pause = threading.Event()
        self._frame_seconds = float("inf")
        self._time_seconds = float("-inf")
        self._frames = 0
        self._bad = 0
        self._stale = 0
        self._openings = 0
        self._crash: Exception | None = None
        # A read that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._guarded, name=f"capture-{camera}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Stop reading; a read that hangs is left behind after ``seconds``."""
        self._stop.set()
        self.mailbox.close()
        self._thread.join(seconds)

    def pause(self, *, paused: bool) -> None:
        """Give a live camera back until it is wanted again; a finite source does not go on without us anyway."""
        if paused and self.live:
            self._pause.set()
        else:
            self._pause.clear()

    @property
    def failed(self) -> bool:
        """Whether a finite source could not be read to its end."""
        return self._state is CameraState.ENDED and bool(self._reason)

    def check(self) -> None:
        """Raise what nobody foresaw and has ended the thread, if anything has: nobody else would hear of it."""
        if self._crash is not None:
            raise self._crash

    def report(self) -> CameraReport:
        """Return the camera's health now."""
        state, reason = self._state, self._reason
        silent_seconds = time.monotonic() - self._frame_seconds
        if state is CameraState.ENDED and len(self.mailbox) > 0:
            # A file has not ended before its last frame is taken.
            state = CameraState.ONLINE
        elif self.live and state.looks and silent_seconds > self._patience.silence_seconds:
            # A driver may keep a read for as long as it likes: the camera is gone all the same.
            state = CameraState.OFFLINE
            reason = f"has given no frame for more than {self._patience.silence_seconds:g} s"
        dropped = self.mailbox.dropped + self._stale + (self._hasty.left_out if self._hasty else 0)
        return CameraReport(self.camera, state, reason, self._frames, dropped, self._bad, max(0, self._openings - 1))

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 - a thread may not die alone: the loop raises it, and systemd restarts us
            self._crash = error
            self._bell.ring()

    def _run(self) -> None:
        pauses = self._retry.pauses()
        attempt = 0
        while not self._stop.is_set():
            if why := self._must_rest():
                self._rest(why)
                continue
            before = self._frames
            try:
                self._openings += 1
                self._source.open()
                self._read_all()
                if self.live and self._must_rest():
                    continue
                unread = self._bad if not self.live else 0
                self._become(CameraState.ENDED, f"{unread} pictures could not be read" if unread else "")
            except SourceError as error:
                self._become(CameraState.OFFLINE if self.live else CameraState.ENDED, str(error))
            finally:
                self._source.close()
            if self._state is CameraState.ENDED:
                return
            attempt = 0 if self._frames > before else attempt
            pause = pauses[min(attempt, len(pauses) - 1)]
            attempt += 1
            self._stop.wait(pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, keeps no secret

    def _must_rest(self) -> str:
        if not self.live:
            return ""
        if self._pause.is_set():
            return "as it was asked to"
        return "" if self._hours.now() else "outside its hours"

    def _rest(self, why: str) -> None:
        if (self._state, self._reason) != (CameraState.PAUSED, why):
            self._become(CameraState.PAUSED, why)
        self._stop.wait(REST_SECONDS)

    def _read_all(self) -> None:
        started = fresh_seconds = time.monotonic()
        self._health.begin(started)
        while not self._stop.is_set() and not self._must_rest():
            try:
                picture = self.doze.next()
            except PictureError as error:
                self._leave_out(error)
                fresh_seconds = time.monotonic()
                continue
            if picture is None:
                return
            if self._realtime and not self._source.paced:
                self._stop.wait(max(0.0, started + picture.time_seconds - time.monotonic()))
            now = time.monotonic()
            if picture.taken_seconds is not None and now - picture.taken_seconds > self._patience.stale_seconds:
                self._stale += 1
                if now - fresh_seconds > self._patience.stale_seconds:
                    raise SourceError(f"{picture.name}: its pictures come {now - picture.taken_seconds:.0f} s late")
                continue
            fresh_seconds = now
            self._hand_on(picture, now)

    def _leave_out(self, error: PictureError) -> None:
        self._bad += 1
        if not self.live:
            log.warning("%s", error, extra={"camera": self.camera})
            return
        # A sign of life all the same: damage is no reason to open the camera again.
        now = self._frame_seconds = time.monotonic()
        self._health.damaged(now)
        if complaint := self._health.complaint(now):
            self._judge(complaint)

    def _hand_on(self, picture: Picture, now: float) -> None:
        pixels, form = self.doze.upright(picture, self._lens)
        time_seconds = picture.time_seconds
        if self.live:
            taken = now if picture.taken_seconds is None else picture.taken_seconds
            time_seconds = self._time_seconds = max(self._time_seconds, taken)
        frame = Frame(self.camera, self._frames, time_seconds, pixels, picture.name, self._source.still, form)
        if self.live and not frame.blank:
            self._health.picture(frame, self._lens.masked, picture.stream_seconds, now)
        # A blank one is no reason to lose one that shows something.
        if not frame.blank or len(self.mailbox) == 0:
            self.mailbox.put(frame)
        self._frames += 1
        self._frame_seconds = now
        self._judge(self._health.complaint(now) if self.live else "")

    def _judge(self, complaint: str) -> None:
        state = CameraState.DEGRADED if complaint else CameraState.ONLINE
        if (self._state, self._reason) != (state, complaint):
            self._become(state, complaint)

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
