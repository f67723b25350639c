"""The events that the broker has not acknowledged yet: the young ones in memory, all others in the spool."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from dataclasses import dataclass
from typing import Final

import msgspec

from emotiond.mqtt.clock import Clock, Moment, in_words
from emotiond.mqtt.contract import Envelope, FaceEvent
from emotiond.mqtt.spool import Spool, Waiting

log = logging.getLogger(__name__)
#: An event may be in memory alone for 2 s; the quarter is what the courier sleeps at most.
PATIENCE_SECONDS: Final = 1.75
#: While the broker is away nothing is won by waiting; a short pause makes one write of several.
AWAY_SECONDS: Final = 0.5
#: Messages at the broker without its word. Below the 20 that paho and mosquitto allow: what paho has to queue beyond
#: them may be overtaken.
WINDOW: Final = 16
#: How long a full disk is left alone.
DISK_RETRY_SECONDS: Final = 2.0
AGE_SECONDS: Final = 60.0


@dataclass(slots=True, eq=False)
class Young:
    """An event that is still in memory."""

    envelope: Envelope
    moment: Moment
    #: Its number in the spool, once it is there as well.
    row: int | None = None
    sent: bool = False

    @property
    def topic(self) -> str:
        """Where it goes."""
        return self.envelope.topic


class Outbox:
    """Keeps every event until ``acknowledged``; belongs to one thread."""

    def __init__(self, spool: Spool, clock: Clock, capacity: int, *, durable: bool) -> None:
        self._spool = spool
        self._clock = clock
        self._capacity = capacity
        self._durable = durable
        self._young: deque[Young] = deque()
        #: Rows that this connection has been given already.
        self._rows: set[int] = set()
        self._cursor = 0
        self._acknowledged: list[int] = []
        self._disk_seconds = float("-inf")
        self._age_seconds = float("-inf")
        self.dropped = 0
        self.error = ""

    def add(self, envelopes: list[Envelope]) -> None:
        """Take in events that have just been made; durable ones are on the disk when this returns, if it has room."""
        now = self._clock.now()
        fresh = [Young(envelope, now) for envelope in envelopes]
        self._young.extend(fresh)
        if self._durable and fresh:
            self._write(fresh)
        while len(self._young) > self._capacity:
            oldest = self._young.popleft()
            if oldest.row is None:
                self.dropped += 1
            else:
                self._cursor = min(self._cursor, oldest.row - 1)

    def to_send(self, room: int = WINDOW) -> list[Young | Waiting]:
        """Choose what the broker may be given now, ``room`` events at most: new events at once, and beside them the spool in its order."""
        chosen: list[Young | Waiting] = []
        for young in self._young:
            if len(chosen) >= room:
                return chosen
            if not young.sent and (young.row is None or self._durable):
                chosen.append(young)
        try:
            waiting = self._backlog(room - len(chosen)) if self._spool.count else []
        except sqlite3.Error as error:
            self._say(error)
            return chosen
        return chosen + list(waiting)

    def sent(self, item: Young | Waiting) -> None:
        """Note that the broker has been given an event."""
        if isinstance(item, Young):
            item.sent = True
            if item.row is not None:
                self._rows.add(item.row)
        else:
            self._rows.add(item.number)
            self._cursor = max(self._cursor, item.number)

    def acknowledged(self, item: Young | Waiting) -> None:
        """Note that the broker has an event for good; ``tend`` takes it off the disk."""
        if isinstance(item, Young):
            if item in self._young:
                self._young.remove(item)
            row = item.row
        else:
            row = item.number
        if row is not None:
            self._acknowledged.append(row)

    def lost(self) -> None:
        """Note that the connection has gone: whatever was not acknowledged must be sent again."""
        self._rows.clear()
        self._cursor = 0
        for young in self._young:
            young.sent = False

    def tend(self, *, connected: bool) -> None:
        """Write to the disk what has waited too long, take from it what has arrived, and drop what is too old."""
        now = self._clock.now()
        patience = PATIENCE_SECONDS if connected else AWAY_SECONDS
        try:
            self._take_off()
            late = [young for young in self._young if young.row is None and now.since(young.moment) >= patience]
            if late:
                self._write(late)
            if now.monotonic_seconds - self._age_seconds >= AGE_SECONDS:
                self._age_seconds = now.monotonic_seconds
                self._spool.forget_old()
        except sqlite3.Error as error:
            self._say(error)
        # What is on the disk and not at the broker needs no memory.
        if not connected or not self._durable:
            self._young = deque(young for young in self._young if young.row is None or young.sent)

    def flush(self) -> None:
        """Write everything to the disk: the daemon stops."""
        self._disk_seconds = float("-inf")
        try:
            self._take_off()
        except sqlite3.Error as error:
            self._say(error)
        left = [young for young in self._young if young.row is None]
        if left:
            self._write(left)
        lost = sum(young.row is None for young in self._young)
        if lost:
            self.dropped += lost
            log.warning("%d events are lost: neither the broker nor the disk took them", lost)

    def payload(self, item: Young | Waiting) -> bytes:
        """Return the bytes to send; an event from the spool says so, and knows the true time if anyone does."""
        if isinstance(item, Young):
            return item.envelope.payload
        event = msgspec.json.decode(item.payload, type=FaceEvent)
        moment = self._clock.corrected(item.moment)
        if event.clock == "unset" and moment.clock_set:
            made = moment.wall_seconds
            event = msgspec.structs.replace(event, time=in_words(made), clock="set", monotonic_seconds=None)
        return msgspec.json.encode(msgspec.structs.replace(event, backfill=True))

    @property
    def waiting(self) -> int:
        """Events in memory."""
        return len(self._young)

    def _backlog(self, room: int) -> list[Waiting]:
        if room <= 0:
            return []
        found = self._spool.oldest(self._cursor, room)
        held = {young.row for young in self._young if young.row is not None}
        if found and all(waiting.number in held or waiting.number in self._rows for waiting in found):
            self._cursor = found[-1].number
        return [waiting for waiting in found if waiting.number not in held and waiting.number not in self._rows]

    def _take_off(self) -> None:
        if self._acknowledged:
            self._spool.remove(self._acknowledged)
            self._rows.difference_update(self._acknowledged)
            self._acknowledged = []

    def _write(self, events: list[Young]) -> None:
        now = self._clock.now().monotonic_seconds
        if now - self._disk_seconds < DISK_RETRY_SECONDS:
            return
        try:
            rows = self._spool.add([(young.envelope.topic, young.envelope.payload, young.moment) for young in events])
        except sqlite3.Error as error:
            self._disk_seconds = now
            self._say(error)
            return
        if self.error:
            log.info("spool: the disk takes events again")
            self.error = ""
        for young, row in zip(events, rows, strict=True):
            young.row = row
            if young.sent:
                self._rows.add(row)

    def _say(self, error: sqlite3.Error) -> None:
        if str(error) != self.error:
            log.warning("spool: %s; events wait in memory", error)
        self.error = str(error)
