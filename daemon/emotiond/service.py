"""The loop of the daemon: waits for frames, sends each through the pipeline, says what is worth saying."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from threading import Event

from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader
from emotiond.control import Control
from emotiond.gears import Gears
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.newsroom import Newsroom
from emotiond.mqtt.outlet import Outlet
from emotiond.pipeline import Pipeline
from emotiond.records import CameraReport, CameraState, Frame, Request
from emotiond.system.notify import Notifier
from emotiond.vitals import Vitals

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
        inbox: Inbox,
        control: Control,
        vitals: Vitals,
        gears: Gears,
    ) -> None:
        self._readers = readers
        self._bell = bell
        self._pipeline = pipeline
        self._newsroom = newsroom
        self._outlet = outlet
        self._notifier = notifier
        self._inbox = inbox
        self._control = control
        self._vitals = vitals
        self._gears = gears
        self._stop = Event()
        self._reload = Event()
        self._status_seconds = float("-inf")
        self._stuck = ""
        self._present: set[str] = set()

    def stop(self) -> None:
        """Ask the loop to end; may be called from a signal handler."""
        self._stop.set()
        self._bell.ring()

    def reload(self) -> None:
        """Ask the loop to read the configuration again; may be called from a signal handler."""
        self._reload.set()
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
                    self._carry_out_requests()
                    frame = reader.mailbox.take()
                    if frame is not None and self._vitals.wanted(frame.camera, live=reader.live):
                        self._process(frame, live=reader.live)
                        # After each frame: many cameras on a small board take long for a round, and that is no hang.
                        self._tell_alive()
                self._look_after()
                self._bell.wait_for(self._something_to_do, LONGEST_NAP_SECONDS)
        finally:
            self._shut_down()
        return not any(reader.failed for reader in self._readers)

    def _process(self, frame: Frame, *, live: bool) -> None:
        taken_seconds = frame.time_seconds if live else time.monotonic()
        self._present.add(frame.camera)
        scene = self._pipeline.process(frame)
        self._send(self._newsroom.scene(scene))
        latency_seconds = max(0.0, time.monotonic() - taken_seconds)
        self._vitals.done(frame.camera, scene.room.faces, latency_seconds, scene.readings)

    def _carry_out_requests(self) -> None:
        if self._reload.is_set():
            self._reload.clear()
            self._notifier.reloading()
            self._control.carry_out(Request("reload"))
            self._notifier.ready()
        for request in self._inbox.take_all():
            self._outlet.send(self._control.carry_out(request))

    def _something_to_do(self) -> bool:
        waiting = self._reload.is_set() or len(self._inbox) or any(len(reader.mailbox) for reader in self._readers)
        return self._stop.is_set() or bool(waiting) or self._finished()

    def _finished(self) -> bool:
        return all(reader.report().state is CameraState.ENDED for reader in self._readers)

    def _look_after(self) -> None:
        if self._gears.turn():
            self._newsroom.renew_state()
        for reader in self._readers:
            reader.check()
            reader.pause(paused=self._vitals.paused(reader.camera))
        reports = [reader.report() for reader in self._readers]
        for report in reports:
            if not report.state.looks or self._vitals.paused(report.camera):
                self._let_leave(report.camera)
        self._send_reports(reports)
        self._tell_alive()
        now = time.monotonic()
        if now - self._status_seconds >= STATUS_SECONDS and not self._stuck:
            self._status_seconds = now
            self._notifier.status(self._in_words(reports))

    def _tell_alive(self) -> None:
        # A stage that hangs in this thread keeps us from coming here; one that hangs in another has to be asked for.
        stuck = self._outlet.stuck()
        if not stuck:
            self._notifier.alive()
        elif stuck != self._stuck:
            log.error("%s: the watchdog will start us again", stuck)
            self._notifier.status(stuck)
        self._stuck = stuck

    def _let_leave(self, camera: str) -> None:
        if camera in self._present:
            self._present.remove(camera)
            self._vitals.left(camera)
            self._send(self._newsroom.events(self._pipeline.end(camera)))
            self._send(self._newsroom.empty(camera))

    def _in_words(self, reports: list[CameraReport]) -> str:
        online = sum(report.state.looks for report in reports)
        cameras = f"{len(reports)} camera{'s' if len(reports) > 1 else ''}"
        if online < len(reports):
            cameras = f"{online} of {cameras} online"
        return f"{cameras}, {self._vitals.faces} faces, {self._vitals.rate_hz:.1f} fps, {self._outlet.status()}"

    def _send(self, envelopes: Iterable[Envelope]) -> None:
        for envelope in envelopes:
            self._outlet.send(envelope)

    def _send_reports(self, reports: list[CameraReport]) -> None:
        vitals = self._vitals
        self._send(self._newsroom.cameras(reports, vitals.loads(), vitals.health, self._outlet.health))

    def _shut_down(self) -> None:
        self._notifier.stopping()
        for reader in self._readers:
            reader.stop(READER_STOP_SECONDS)
            self._let_leave(reader.camera)
        gone = [reader.report() for reader in self._readers]
        self._send_reports([replace(report, state=CameraState.ENDED) for report in gone])
        self._outlet.close()
        log.info("stopped")
