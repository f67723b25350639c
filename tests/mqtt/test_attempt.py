"""What the next attempt learns from the last one."""

from __future__ import annotations

import pytest

from emotiond.mqtt.attempt import TAKEN_OVER, UNSUPPORTED_VERSION, Attempt, Broker, Patience
from emotiond.mqtt.login import Login


def broker(protocol: str = "auto") -> Broker:
    return Broker("h", 1, "id", "a", Login(), protocol=protocol, retry_first_seconds=1.0, retry_longest_seconds=8.0)  # type: ignore[arg-type]


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    patience = Patience(broker())
    pauses = [patience.learn(Attempt(number, "5")) for number in range(8)]
    for pause, most in zip(pauses, (1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0), strict=True):
        assert most / 2 <= pause <= most
    assert len(set(pauses)) == len(pauses)


def test_a_connection_that_lasted_begins_anew_with_the_shortest_pause() -> None:
    patience = Patience(broker())
    for number in range(5):
        patience.learn(Attempt(number, "5"))
    assert patience.learn(Attempt(6, "5", accepted_seconds=1.0, lasted_seconds=60.0)) <= 1.0


@pytest.mark.parametrize(
    "attempt",
    [
        Attempt(1, "5", reason="Unsupported protocol version", code=UNSUPPORTED_VERSION),
        Attempt(1, "5", reason="Unspecified error"),
        Attempt(1, "5", silent=True),
    ],
    ids=["said so", "hung up", "silent"],
)
def test_the_older_version_follows_at_once_where_the_newer_one_is_not_understood(attempt: Attempt) -> None:
    patience = Patience(broker())
    assert (patience.learn(attempt), patience.version) == (0.0, "3.1.1")


@pytest.mark.parametrize(
    ("protocol", "attempt"),
    [
        ("auto", Attempt(1, "5")),
        ("auto", Attempt(1, "5", reason="Not authorized", code=0x87)),
        ("5", Attempt(1, "5", reason="Unsupported protocol version", code=UNSUPPORTED_VERSION)),
        ("auto", Attempt(1, "3.1.1", reason="Unspecified error")),
        ("auto", Attempt(1, "3.1.1", accepted_seconds=1.0, lasted_seconds=99.0)),
    ],
    ids=["nobody there", "refused", "asked for", "neither understood", "lost again"],
)
def test_version_5_is_tried(protocol: str, attempt: Attempt) -> None:
    patience = Patience(broker(protocol))
    assert patience.learn(attempt) > 0.0
    assert patience.version == "5"


def test_a_broker_that_spoke_5_and_is_silent_has_not_forgotten_it() -> None:
    patience = Patience(broker())
    patience.learn(Attempt(1, "5", accepted_seconds=1.0, lasted_seconds=99.0))
    patience.learn(Attempt(2, "5", silent=True))
    assert patience.version == "5"


def test_who_is_thrown_out_comes_back_late() -> None:
    patience = Patience(broker())
    assert patience.learn(Attempt(1, "5", accepted_seconds=1.0, lasted_seconds=0.1, code=TAKEN_OVER)) >= 4.0


def test_short_connections_in_a_row_look_like_a_double() -> None:
    patience = Patience(broker())
    suspected = []
    for number, lasted in enumerate((0.1, 0.1, 20.0, 0.1, 0.1, 0.1)):
        patience.learn(Attempt(number, "5", accepted_seconds=1.0, lasted_seconds=lasted))
        suspected.append(patience.suspects_double)
    assert suspected == [False] * 5 + [True]
