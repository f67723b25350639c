"""What is in the spool survives, in order, within bounds; a broken or taken file is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emotiond.mqtt.clock import Clock, Moment, in_words
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.outbox import Outbox
from emotiond.mqtt.spool import FILE, Limits, Spool, SpoolError
from tests.mqtt.newsmaker import event_number
from tests.mqtt.test_contract import newsroom


@dataclass
class Hands:
    """Two clocks whose hands the test moves."""

    monotonic_seconds: float = 100.0
    wall_seconds: float = 1_800_000_000.0
    right: bool = True
    boot: str = "boot-1"
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: self.right, self.boot, lambda: self.monotonic_seconds, lambda: self.wall_seconds)

    def pass_by(self, seconds: float) -> None:
        self.monotonic_seconds += seconds
        self.wall_seconds += seconds


def open_spool(folder: Path | None, hands: Hands, *, max_bytes: int = 10_000, max_age: float = 3600.0) -> Spool:
    spool = Spool(folder, Limits(max_bytes, max_age, durable=False), hands.clock)
    spool.open()
    return spool


def rows(count: int, hands: Hands, size: int = 100) -> list[tuple[str, bytes, Moment]]:
    return [("t", bytes([number % 256]) * size, hands.clock.now()) for number in range(count)]


def test_what_was_written_is_there_again_in_order(tmp_path: Path) -> None:
    hands = Hands()
    spool = open_spool(tmp_path, hands)
    numbers = spool.add(rows(5, hands))
    spool.remove(numbers[1:2])
    spool.close()
    again = open_spool(tmp_path, hands)
    assert (again.count, again.bytes) == (4, 400)
    assert [waiting.payload[0] for waiting in again.oldest(0, 10)] == [0, 2, 3, 4]
    assert [waiting.number for waiting in again.oldest(numbers[2], 1)] == [numbers[3]]
    again.close()


def test_a_full_spool_lets_the_oldest_go(tmp_path: Path) -> None:
    hands = Hands()
    spool = open_spool(tmp_path, hands, max_bytes=1000)
    for row in rows(25, hands):
        spool.add([row])
    assert (spool.count, spool.bytes, spool.dropped) == (10, 1000, 15)
    assert [waiting.payload[0] for waiting in spool.oldest(0, 99)] == list(range(15, 25))
    spool.close()


def test_old_events_go_by_the_clock_that_runs_evenly(tmp_path: Path) -> None:
    hands = Hands()
    spool = open_spool(tmp_path, hands, max_age=60.0)
    spool.add(rows(2, hands))
    hands.wall_seconds += 50 * 365 * 86_400.0
    assert spool.forget_old() == 0, "the time of day has jumped, and no time has passed"
    hands.pass_by(61.0)
    spool.add(rows(1, hands))
    assert spool.forget_old() == 2
    assert (spool.count, spool.dropped) == (1, 2)
    spool.close()


def test_after_a_restart_of_the_machine_only_set_clocks_tell_an_age() -> None:
    before = Moment(5.0, 1_000.0, clock_set=False, machine_boot="a")
    assert Moment(9.0, 9e9, clock_set=True, machine_boot="b").since(before) == 0.0
    told = Moment(5.0, 1_000.0, clock_set=True, machine_boot="a")
    assert Moment(9.0, 1_500.0, clock_set=True, machine_boot="b").since(told) == 500.0


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database, whatever its name says" * 50)
    spool = open_spool(tmp_path, Hands())
    spool.add(rows(1, Hands()))
    assert (tmp_path / "spool.broken").exists()
    assert spool.count == 1
    spool.close()


def test_a_second_daemon_on_the_same_spool_is_refused(tmp_path: Path) -> None:
    first = open_spool(tmp_path, Hands())
    with pytest.raises(SpoolError, match="in use by another emotiond"):
        open_spool(tmp_path, Hands())
    first.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match=r"spool\.sqlite: "):
        open_spool(tmp_path / "file" / "below", Hands())


def test_events_from_before_the_clock_was_set_get_their_true_time() -> None:
    hands = Hands(right=False, wall_seconds=0.0)
    spool = open_spool(None, hands)
    outbox = Outbox(spool, hands.clock, 100, durable=False)
    room = newsroom(clock_set=False)
    room.clock = hands.clock
    outbox.add(room.events([event_number(0)]))
    hands.pass_by(10.0)
    outbox.tend(connected=False)
    assert outbox.waiting == 0
    (waiting,) = outbox.to_send()
    assert b'"clock":"unset"' in outbox.payload(waiting)
    assert b'"time":"1970-01-01T00:00:00.000Z"' in outbox.payload(waiting)
    # The network tells the time: it is noon, and has been 5 s longer.
    hands.monotonic_seconds += 5.0
    hands.wall_seconds, hands.right = 1_800_000_000.0, True
    corrected = outbox.payload(waiting)
    assert f'"time":"{in_words(1_800_000_000.0 - 15.0)}"'.encode() in corrected
    assert b"unset" not in corrected
    assert b"monotonic_seconds" not in corrected
    assert b'"backfill":true' in corrected
    spool.close()


def test_events_of_an_earlier_start_of_the_machine_stay_marked() -> None:
    hands = Hands(right=False, wall_seconds=7.0)
    moment = hands.clock.now()
    later = Hands(boot="boot-2")
    assert later.clock.corrected(moment) == moment


def test_memory_is_bounded_where_there_is_no_disk(tmp_path: Path) -> None:
    hands = Hands()
    spool = open_spool(tmp_path, hands)
    outbox = Outbox(spool, hands.clock, 10, durable=False)
    outbox.add([Envelope("t", b"x", retain=False, event=True)] * 25)
    assert (outbox.waiting, outbox.dropped) == (10, 15)
    spool.close()


def test_an_event_that_the_broker_has_is_not_sent_again_before_the_connection_is_lost(tmp_path: Path) -> None:
    hands = Hands()
    spool = open_spool(tmp_path, hands)
    outbox = Outbox(spool, hands.clock, 10, durable=False)
    outbox.add(newsroom().events([event_number(0)]))
    (young,) = outbox.to_send()
    outbox.sent(young)
    hands.pass_by(3.0)
    outbox.tend(connected=True)
    assert (spool.count, outbox.to_send()) == (1, [])
    outbox.lost()
    outbox.tend(connected=False)
    (again,) = outbox.to_send()
    outbox.sent(again)
    outbox.acknowledged(again)
    outbox.tend(connected=True)
    assert (spool.count, outbox.waiting, outbox.to_send()) == (0, 0, [])
    spool.close()
