"""Where events wait on the disk: one SQLite file, bounded in size and age, oldest first."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from emotiond.mqtt.clock import Clock, Moment

log = logging.getLogger(__name__)
FILE: Final = "spool.sqlite"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    monotonic_seconds REAL NOT NULL,
    wall_seconds REAL NOT NULL,
    clock_set INTEGER NOT NULL,
    machine_boot TEXT NOT NULL
)
"""
#: Rows that one look at the age or the size may drop, so that a look stays short.
_DROP_AT_ONCE: Final = 500
#: Pages beyond the events' own bytes: the table's structure, and the pages that a transaction still holds.
_PAGE_BYTES: Final = 4096
_SPARE_PAGES: Final = 256


class SpoolError(Exception):
    """The spool cannot be used; the message is one line that names the file."""


class Waiting(NamedTuple):
    """One event in the spool."""

    number: int
    topic: str
    payload: bytes
    moment: Moment


@dataclass(frozen=True)
class Limits:
    """How much the spool may hold, and how it is written."""

    max_bytes: int
    max_age_seconds: float
    #: Each write reaches the disk itself before it counts, not only the system's cache.
    durable: bool
    #: What was left from before is dropped unsent: it tells of single faces, and now only the room may be told of.
    forget: bool = False


class Spool:
    """Events in the order in which they were made; belongs to one thread after ``open``.

    ``folder`` None keeps them in memory. Every write may raise ``sqlite3.Error``: a full disk is the caller's business.
    """

    def __init__(self, folder: Path | None, limits: Limits, clock: Clock) -> None:
        self._path = folder / FILE if folder else None
        self._limits = limits
        self._clock = clock
        self._database: sqlite3.Connection | None = None
        self.bytes = 0
        self.count = 0
        #: Events that had to go because there were too many or they were too old.
        self.dropped = 0

    def open(self) -> None:
        """Open the file, or make it; a broken one is put aside. Raise ``SpoolError`` where neither can be done."""
        try:
            self._connect()
        except sqlite3.OperationalError as error:
            if not _full(error):
                raise SpoolError(f"{self._path}: {_reason(error)}") from error
            log.warning("%s: %s; events wait in memory until there is room", self._path, error)
        except sqlite3.DatabaseError as error:
            if self._path is None:
                raise
            aside = self._path.with_suffix(".broken")
            log.warning("%s: broken (%s); put aside as %s", self._path, error, aside.name)
            self._set_aside(aside)
        except OSError as error:
            raise SpoolError(f"{self._path}: cannot be made: {error.strerror}") from error

    def close(self) -> None:
        """Close the file; what is in it stays."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def add(self, events: list[tuple[str, bytes, Moment]]) -> list[int]:
        """Write events in one transaction and return their numbers; make room first where there is none."""
        self._make_room(sum(len(payload) for _, payload, _ in events))
        numbers = []
        with self._open as database:
            for topic, payload, moment in events:
                row = (topic, payload, moment.monotonic_seconds, moment.wall_seconds, moment.clock_set)
                cursor = database.execute(
                    "INSERT INTO event (topic, payload, monotonic_seconds, wall_seconds, clock_set, machine_boot)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (*row, moment.machine_boot),
                )
                numbers.append(cursor.lastrowid or 0)
        self.count += len(events)
        self.bytes += sum(len(payload) for _, payload, _ in events)
        return numbers

    def oldest(self, after: int, most: int) -> list[Waiting]:
        """Return up to ``most`` events with numbers above ``after``, in order."""
        rows = self._open.execute(
            "SELECT number, topic, payload, monotonic_seconds, wall_seconds, clock_set, machine_boot"
            " FROM event WHERE number > ? ORDER BY number LIMIT ?",
            (after, most),
        )
        return [Waiting(row[0], row[1], row[2], Moment(row[3], row[4], bool(row[5]), row[6])) for row in rows]

    def remove(self, numbers: list[int]) -> None:
        """Remove events that the broker has acknowledged."""
        with self._open as database:
            for number in numbers:
                found = database.execute("DELETE FROM event WHERE number = ? RETURNING length(payload)", (number,))
                for (length,) in found.fetchall():
                    self.count -= 1
                    self.bytes -= length

    def forget_old(self) -> int:
        """Drop what is older than it may be, and return how many that were."""
        now = self._clock.now()
        old = [
            waiting.number
            for waiting in self.oldest(0, _DROP_AT_ONCE)
            if now.since(waiting.moment) > self._limits.max_age_seconds
        ]
        if old:
            self._drop(old)
        return len(old)

    @property
    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            # The disk was full when the daemon started: perhaps there is room by now.
            self._connect()
        assert self._database is not None  # noqa: S101 - for the type checker
        return self._database

    def _connect(self) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path or ":memory:", timeout=0.5, check_same_thread=False)
        try:
            # One process alone: two daemons on one spool would send everything twice.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA auto_vacuum = FULL")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(f"PRAGMA synchronous = {'FULL' if self._limits.durable else 'NORMAL'}")
            database.execute(f"PRAGMA max_page_count = {self._limits.max_bytes * 2 // _PAGE_BYTES + _SPARE_PAGES}")
            with database:
                database.execute("BEGIN IMMEDIATE")
                database.execute(_TABLE)
                forgotten = database.execute("DELETE FROM event").rowcount if self._limits.forget else 0
            if forgotten:
                log.info("%s: %d events of single faces are dropped: only the room is told of", self._path, forgotten)
            row = database.execute("SELECT count(*), coalesce(sum(length(payload)), 0) FROM event").fetchone()
        except sqlite3.Error:
            database.close()
            raise
        self.count, self.bytes = int(row[0]), int(row[1])
        self._database = database

    def _set_aside(self, aside: Path) -> None:
        assert self._path is not None  # noqa: S101 - memory does not break
        try:
            self._path.replace(aside)
            for companion in ("-wal", "-shm"):
                self._path.with_name(self._path.name + companion).unlink(missing_ok=True)
            self._connect()
        except (OSError, sqlite3.Error) as error:
            raise SpoolError(f"{self._path}: {error}") from error

    def _make_room(self, needed: int) -> None:
        while self.count and self.bytes + needed > self._limits.max_bytes:
            over = self.bytes + needed - self._limits.max_bytes
            victims = []
            for waiting in self.oldest(0, _DROP_AT_ONCE):
                if over <= 0:
                    break
                victims.append(waiting.number)
                over -= len(waiting.payload)
            self._drop(victims)

    def _drop(self, numbers: list[int]) -> None:
        before = self.count
        self.remove(numbers)
        self.dropped += before - self.count


def _full(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or "I/O" in str(error)


def _reason(error: sqlite3.Error) -> str:
    return "in use by another emotiond" if "lock" in str(error) else str(error)
