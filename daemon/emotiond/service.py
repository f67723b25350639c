"""The loop of the daemon: waits for frames, sends each through the pipeline, says what is worth saying."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable
from threading import Event

from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.newsroom import Newsroom
from emotiond.mqtt.outlet import Outlet
from emotiond.pipeline import Pipeline
from emotiond.records import CameraReport, CameraState, Frame
from emotiond.system.notify import Notifier

log = logging.getLogger(__name__)
#: The loop wakes at least this often, to tell systemd that it lives.
LONGEST_NAP_SECONDS = 0.5
STATUS_SECONDS = 5.0
#: How long a stop waits for a camera's read to return.
READER_STOP_SECONDS = 2.0


class Service:
    """Owns the order in which things start, run and stop; all parts are given."""

    def __init__(
        self,
        readers: list[Reader],
        bell: Bell,
        pipeline: Pipeline,
        newsroom: Newsroom,
        outlet: Outlet,
        notifier: Notifier,
    ) -> None:
        self._readers = readers
        self._bell = bell
        self._pipeline = pipeline
        self._newsroom = newsroom
        self._outlet = outlet
        self._notifier = notifier
        self._stop = Event()
        self._started_seconds = time.monotonic()
        self._status_seconds = float("-inf")
        self._frame_times: deque[float] = deque(maxlen=120)
        self._faces: dict[str, int] = {}
        self._present: set[str] = set()

    def stop(self) -> None:
        """Ask the loop to end; may be called from a signal handler."""
        self._stop.set()
        self._bell.ring()

    def run(self) -> bool:
        """Run until stopped, or until every finite source has ended; return whether all of them were read whole."""
        self._outlet.start()
        for reader in self._readers:
            reader.start()
        self._notifier.ready()
        log.info("ready; cameras: %s", ", ".join(reader.camera for reader in self._readers))
        try:
            while not self._stop.is_set() and not self._finished():
                for reader in self._readers:
                    frame = reader.mailbox.take()
                    if frame is not None:
                        self._process(frame)
                        # After each frame: many cameras on a small board take long for a round, and that is no hang.
                        self._notifier.alive()
                self._look_after()
                self._bell.wait_for(self._something_to_do, LONGEST_NAP_SECONDS)
        finally:
            self._shut_down()
        return not any(reader.failed for reader in self._readers)

    def _process(self, frame: Frame) -> None:
        self._present.add(frame.camera)
        scene = self._pipeline.process(frame)
        self._faces[frame.camera] = scene.room.faces
        self._frame_times.append(time.monotonic())
        self._send(self._newsroom.scene(scene))

    def _something_to_do(self) -> bool:
        return self._stop.is_set() or any(len(reader.mailbox) for reader in self._readers) or self._finished()

    def _finished(self) -> bool:
        return all(reader.report().state is CameraState.ENDED for reader in self._readers)

    def _look_after(self) -> None:
        reports = [reader.report() for reader in self._readers]
        for report in reports:
            if report.state is not CameraState.ONLINE:
                self._let_leave(report.camera)
        self._send_reports(reports)
        self._notifier.alive()
        now = time.monotonic()
        if now - self._status_seconds >= STATUS_SECONDS:
            self._status_seconds = now
            self._notifier.status(self._in_words(reports))

    def _let_leave(self, camera: str) -> None:
        if camera in self._present:
            self._present.remove(camera)
            self._faces[camera] = 0
            self._send(self._newsroom.events(self._pipeline.end(camera)))

    def _in_words(self, reports: list[CameraReport]) -> str:
        online = sum(report.state is CameraState.ONLINE for report in reports)
        cameras = f"{len(reports)} camera{'s' if len(reports) > 1 else ''}"
        if online < len(reports):
            cameras = f"{online} of {cameras} online"
        return f"{cameras}, {sum(self._faces.values())} faces, {self._rate_hz():.1f} fps, {self._outlet.status()}"

    def _rate_hz(self) -> float:
        times = self._frame_times
        if len(times) < 2 or time.monotonic() - times[-1] > STATUS_SECONDS:
            return 0.0
        return (len(times) - 1) / max(time.monotonic() - times[0], 1e-6)

    def _send(self, envelopes: Iterable[Envelope]) -> None:
        for envelope in envelopes:
            self._outlet.send(envelope)

    def _send_reports(self, reports: list[CameraReport]) -> None:
        uptime_seconds = time.monotonic() - self._started_seconds
        self._send(self._newsroom.cameras(reports, self._rate_hz(), uptime_seconds, self._outlet.dropped))

    def _shut_down(self) -> None:
        self._notifier.stopping()
        for reader in self._readers:
            reader.stop(READER_STOP_SECONDS)
            self._let_leave(reader.camera)
        gone = [reader.report() for reader in self._readers]
        self._send_reports([CameraReport(r.camera, CameraState.ENDED, r.reason, r.frames, r.dropped) for r in gone])
        self._outlet.close()
        log.info("stopped")
