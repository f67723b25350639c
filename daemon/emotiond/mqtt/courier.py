"""The outlet to the broker: one thread that owns the outbox and decides when each message goes."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Final

from emotiond.mqtt.contract import Envelope, QueueHealth
from emotiond.mqtt.frontdesk import FrontDesk
from emotiond.mqtt.link import Link
from emotiond.mqtt.notices import Notices
from emotiond.mqtt.outbox import WINDOW, Outbox, Young
from emotiond.mqtt.refusals import Refusals
from emotiond.mqtt.spool import Spool, Waiting

log = logging.getLogger(__name__)
#: How long a clean stop waits for the broker to acknowledge what was sent.
FAREWELL_SECONDS: Final = 3.0
TURN_SECONDS: Final = 0.25
WORDS_AT_ONCE: Final = 4
#: How long a durable send waits for the disk before it goes on without.
DISK_SECONDS: Final = 5.0
#: A turn that takes longer hangs.
LONGEST_TURN_SECONDS: Final = 10.0


class Courier:
    """Events go through the outbox; of a state only the newest is kept; answers go now or never."""

    def __init__(
        self, link: Link, outbox: Outbox, spool: Spool, desk: FrontDesk, availability: str, *, durable: bool
    ) -> None:
        self._link = link
        self._outbox = outbox
        self._spool = spool
        self._desk = desk
        self._availability = availability
        self._durable = durable
        self._changed = threading.Condition()
        self._arrivals: deque[Envelope] = deque()
        self._notices = Notices()
        self._words: deque[tuple[int, str]] = deque()
        #: The last: something waits until the broker has answered to what is on its way.
        self._renewed = self._gone = self._closing = self._held = False
        self._added = 0
        self._written = 0
        self._refusals = Refusals()
        self._numbers: dict[int, Young | Waiting | Envelope] = {}
        self._turn_seconds = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="mqtt-courier", daemon=True)

    def start(self) -> None:
        """Open the spool and connect in the background; raise ``SpoolError`` where the spool cannot be used."""
        self._spool.open()
        if self._spool.count:
            log.info("spool: %d events wait from before", self._spool.count)
        self._link.start(self)
        self._thread.start()

    def send(self, envelope: Envelope) -> None:
        """Send now, or as soon as the broker is there; raise ``RuntimeError`` where one of our threads has died."""
        if not (self._thread.is_alive() and self._link.alive):
            # A fault of ours, said in the log: better to be started again than to be silent for ever.
            raise RuntimeError("a thread of the MQTT outlet has died")
        with self._changed:
            if envelope.event:
                self._arrivals.append(envelope)
                self._added += 1
            else:
                self._notices.put(envelope)
            ticket = self._added
            self._changed.notify_all()
            if self._durable and envelope.event:
                self._changed.wait_for(lambda: self._written >= ticket, DISK_SECONDS)

    def seat(self, desk: FrontDesk) -> None:
        """Take in messages at another desk from now on, and greet the broker as at the start of a connection."""
        with self._changed:
            self._desk = desk
            self._notices.clear(desk.left_behind)
            # A connection that is still to come greets by itself.
            self._renewed = self._renewed or self._link.connected
            self._changed.notify_all()

    def health(self) -> QueueHealth:
        """Count what waits and what could not be kept."""
        return QueueHealth(
            waiting=len(self._arrivals) + self._outbox.waiting,
            dropped=self._outbox.dropped,
            refused=self._refusals.count,
            spooled=self._spool.count,
            spooled_bytes=self._spool.bytes,
            spool_dropped=self._spool.dropped,
            spool_error=self._outbox.error,
        )

    def status(self) -> str:
        """Say whether the broker is there, and what waits."""
        where = "broker connected" if self._link.connected else "broker away"
        return f"{where}, {self._spool.count} events spooled" if self._spool.count else where

    def stuck(self) -> str:
        """Name the thread that hangs or has ended, the courier's or the connection's; empty where all is well."""
        if self._closing:
            return ""
        if not self._thread.is_alive():
            return f"{self._thread.name} has ended"
        if time.monotonic() - self._turn_seconds > LONGEST_TURN_SECONDS:
            return f"{self._thread.name} has been busy with one turn for more than {LONGEST_TURN_SECONDS:g} s"
        return self._link.stuck()

    def close(self) -> None:
        """Say ``offline``, wait a little for the broker's word that it has everything, and put the rest on the disk."""
        if self._closing:
            return
        deadline = time.monotonic() + FAREWELL_SECONDS
        self._wait_until_delivered(deadline)
        with self._changed:
            self._notices.put_once(Envelope(self._availability, b"offline", retain=True))
            self._changed.notify_all()
        self._wait_until_delivered(deadline)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        self._link.stop()
        self._spool.close()

    def connected(self) -> None:
        """The broker has let us in."""
        with self._changed:
            self._renewed = True
            self._changed.notify_all()

    def lost(self) -> None:
        """The connection has gone."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def acknowledged(self, number: int, refusal: str) -> None:
        """The broker has taken a message, or refused it."""
        # paho holds a lock here that it wants for every publish: `_changed` is never held over one.
        self._words.append((number, refusal))
        if self._enough_words():
            with self._changed:
                self._changed.notify_all()

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message has come in: a request, Home Assistant's birth, or what a camera left that is no more."""
        for envelope in self._desk.heard(topic, payload, retained=retained):
            self.send(envelope)

    def _run(self) -> None:
        while True:
            self._turn_seconds = time.monotonic()
            with self._changed:
                self._changed.wait_for(self._something_to_do, TURN_SECONDS)
                arrivals, renewed, gone = list(self._arrivals), self._renewed, self._gone
                self._arrivals.clear()
                self._renewed = self._gone = False
                closing = self._closing
            self._outbox.add(arrivals)
            with self._changed:
                self._written += len(arrivals)
                self._changed.notify_all()
            # Before the connection is forgotten: what it acknowledged at its end need not be sent again.
            self._take_words()
            if gone:
                self._outbox.lost()
                self._refusals.broke_off(self._on_their_way())
                self._numbers.clear()
            if renewed:
                self._greet()
            if self._link.connected:
                self._hand_over()
            self._outbox.tend(connected=self._link.connected)
            if closing:
                self._outbox.flush()
                return

    def _something_to_do(self) -> bool:
        if self._enough_words():
            return True
        ready = self._link.connected and self._notices and not self._held
        return bool(self._arrivals or self._renewed or self._gone or self._closing or ready)

    def _enough_words(self) -> bool:
        # A few acknowledgements wait for the next turn: each of them alone would cost a wake-up.
        return len(self._words) >= (1 if self._held else WORDS_AT_ONCE)

    def _greet(self) -> None:
        """Begin a connection: subscribe, then every state anew, and ``online`` last of all."""
        self._link.subscribe(self._desk.topics())
        online = Envelope(self._availability, b"online", retain=True)
        with self._changed:
            self._notices.begin(self._desk.greetings(), online, self._refusals.lately)

    def _hand_over(self) -> None:
        self._link.unsubscribe(self._desk.no_longer_needed())
        self._held = False
        while (notice := self._first_notice()) is not None:
            if self._must_wait(notice.topic):
                return
            number = self._link.publish(notice, notice.payload)
            with self._changed:
                self._notices.gone(notice)
            if number is not None:
                self._numbers[number] = notice
        for item in self._outbox.to_send(WINDOW - len(self._numbers)):
            if self._must_wait(item.topic):
                return
            number = self._link.publish(Envelope(item.topic, b"", retain=False), self._outbox.payload(item))
            if number is None:
                return
            self._outbox.sent(item)
            self._numbers[number] = item

    def _first_notice(self) -> Envelope | None:
        with self._changed:
            self._notices.release(self._refusals.lately)
            return self._notices.first()

    def _must_wait(self, topic: str) -> bool:
        self._held = self._refusals.must_wait(topic, self._on_their_way())
        return self._held

    def _on_their_way(self) -> set[str]:
        return {item.topic for item in self._numbers.values()}

    def _take_words(self) -> None:
        while self._words:
            number, refusal = self._words.popleft()
            item = self._numbers.pop(number, None)
            if item is None:
                continue
            self._refusals.answered(item.topic, refusal)
            if not isinstance(item, Envelope):
                self._outbox.acknowledged(item)

    def _wait_until_delivered(self, deadline: float) -> None:
        while self._link.connected and time.monotonic() < deadline:
            with self._changed:
                idle = not (self._arrivals or self._notices)
            if idle and not self._numbers and not self._outbox.waiting:
                return
            time.sleep(0.01)
