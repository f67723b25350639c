"""The loop of the daemon: waits for frames, sends each through the pipeline, says what is worth saying."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader
from emotiond.config import ConfigError
from emotiond.crew import Crew
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.inbox import Inbox
from emotiond.records import CameraReport, CameraState, Frame, Request
from emotiond.system.notify import Notifier
from emotiond.system.overseer import Overseer
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
        crew: Crew,
        renew: Callable[[Crew], Crew],
        bell: Bell,
        notifier: Notifier,
        overseer: Overseer,
        inbox: Inbox,
        vitals: Vitals,
    ) -> None:
        """``renew`` reads the configuration anew and makes the crew that follows; raises ``ConfigError``."""
        self._renew = renew
        self._bell = bell
        self._notifier = notifier
        self._overseer = overseer
        self._inbox = inbox
        self._vitals = vitals
        self._employ(crew)
        self._reloads: list[Request] = []
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
        self._overseer.start(self._overdue)
        self._notifier.ready()
        log.info("ready; cameras: %s", ", ".join(reader.camera for reader in self._readers))
        try:
            while not self._stop.is_set() and not self._finished():
                self._reload_where_asked()
                for reader in self._readers:
                    self._carry_out_requests()
                    frame = reader.mailbox.take()
                    if frame is not None and self._vitals.wanted(frame.camera, live=reader.live, blank=frame.blank):
                        self._process(frame, live=reader.live)
                        reader.doze.quiet = self._pipeline.quiet(frame.camera)
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
        self._progress.at("publishing")
        self._send(self._newsroom.scene(scene))
        latency_seconds = max(0.0, time.monotonic() - taken_seconds)
        self._vitals.done(frame.camera, scene.room.faces, latency_seconds, scene.readings)

    def _carry_out_requests(self) -> None:
        for request in self._inbox.take_all():
            if request.command == "reload":
                self._reloads.append(request)
            else:
                self._outlet.send(self._control.carry_out(request))

    def _reload_where_asked(self) -> None:
        if not (self._reload.is_set() or self._reloads):
            return
        self._reload.clear()
        asked, self._reloads = self._reloads, []
        self._notifier.reloading()
        outcome = self._read_anew()
        self._notifier.ready()
        for request in asked:
            self._outlet.send(self._newsroom.answer(request, *outcome))

    def _read_anew(self) -> tuple[dict[str, Any] | None, str | None]:
        """Return what to answer: the settings, or why the configuration was refused."""
        before = self._crew
        try:
            crew = self._renew(before)
        except ConfigError as error:
            log.warning("reload: %s; the old configuration stays", error)
            return None, str(error)
        self._change_over(before, crew)
        changed = before.differs(crew.config)
        log.info("reload: done; changed: %s", ", ".join(changed) or "nothing")
        return {**self._control.settings(), "changed": changed}, None

    def _change_over(self, before: Crew, crew: Crew) -> None:
        another_outlet = crew.outlet is not before.outlet
        self._halt(before.without(crew))
        # Whoever was told that a face came is told that it left: another camera sees others, another broker knew nobody.
        for reader in before.readers if another_outlet else before.without(crew):
            self._let_leave(reader.camera)
        self._tell_alive()
        if another_outlet:
            before.outlet.close()
            self._notifier.alive()
        crew.take_over(before)
        self._vitals.watch(reader.camera for reader in crew.readers)
        if another_outlet:
            crew.outlet.start()
        self._employ(crew)
        logging.getLogger().setLevel(crew.config.log.level.upper())
        if not another_outlet and crew.desk.cameras != before.desk.cameras:
            crew.outlet.seat(crew.desk)
        for reader in crew.without(before):
            reader.start()

    def _employ(self, crew: Crew) -> None:
        self._crew = crew
        self._readers = crew.readers
        self._pipeline, self._newsroom = crew.pipeline, crew.newsroom
        self._outlet, self._control = crew.outlet, crew.control
        self._progress, self._gears = crew.progress, crew.gears

    def _something_to_do(self) -> bool:
        waiting = len(self._inbox) or any(len(reader.mailbox) for reader in self._readers)
        return self._stop.is_set() or self._reload.is_set() or bool(self._reloads or waiting) or self._finished()

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
        self._progress.rest()
        # A stage that hangs in this thread keeps us from coming here; one that hangs in another has to be asked for.
        self._stuck = self._outlet.stuck()
        if not self._stuck:
            self._notifier.alive()

    def _overdue(self) -> str:
        """Name what hangs, here or behind the outlet; asked from the overseer's thread."""
        return self._progress.overdue() or self._outlet.stuck()

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
            self._progress.at("publishing")
            self._outlet.send(envelope)

    def _send_reports(self, reports: list[CameraReport]) -> None:
        vitals = self._vitals
        self._send(self._newsroom.cameras(reports, vitals.loads(), vitals.health, self._outlet.health))

    def _halt(self, readers: Sequence[Reader]) -> None:
        deadline = time.monotonic() + READER_STOP_SECONDS
        for seconds in (0.0, READER_STOP_SECONDS):
            # All are told before any of them is waited for.
            for reader in readers:
                reader.stop(min(seconds, max(0.0, deadline - time.monotonic())))

    def _shut_down(self) -> None:
        self._notifier.stopping()
        self._overseer.stop()
        self._halt(self._readers)
        for reader in self._readers:
            self._let_leave(reader.camera)
        gone = [reader.report() for reader in self._readers]
        self._send_reports([replace(report, state=CameraState.ENDED) for report in gone])
        self._outlet.close()
        log.info("stopped")
