"""After a connection that broke, what was on its way goes alone, so that a broker that hangs up on it can say so."""

from __future__ import annotations

import pytest

from emotiond.mqtt.refusals import Refusals


def test_while_nothing_breaks_nothing_waits() -> None:
    refusals = Refusals()
    assert not refusals.must_wait("a", {"a", "b"})
    refusals.answered("a", "Not authorized")
    refusals.answered("b", "")
    refusals.broke_off(set())
    assert not refusals.must_wait("a", {"b"}), "this broker refuses and does not hang up"
    assert refusals.count == 1


def test_what_was_on_its_way_goes_alone_until_it_is_taken() -> None:
    refusals = Refusals()
    refusals.broke_off({"a", "b"})
    assert not refusals.must_wait("a", set())
    assert refusals.must_wait("a", {"c"}), "a waits for c"
    assert refusals.must_wait("c", {"a"}), "c waits for a"
    refusals.answered("a", "")
    assert not refusals.must_wait("a", {"c"})
    assert refusals.must_wait("b", {"c"})


def test_a_topic_whose_refusal_ended_the_connection_goes_on_alone() -> None:
    refusals = Refusals()
    refusals.answered("a", "Not authorized")
    refusals.broke_off(set())
    assert refusals.must_wait("a", {"b"})
    assert refusals.lately("a")


def test_a_topic_that_ends_two_connections_alone_is_suspected(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    refusals.broke_off({"a", "b"})
    assert not refusals.lately("a")
    for _ in range(3):
        refusals.broke_off({"a"})
    assert refusals.lately("a")
    assert caplog.messages == ["a: two connections have ended with this on its way; may this user write there?"]
    refusals.answered("a", "")
    assert not refusals.lately("a")
    assert refusals.count == 0


def test_the_end_of_a_connection_after_a_refusal_is_not_blamed_on_what_came_behind(caplog) -> None:
    refusals = Refusals()
    refusals.broke_off({"a", "b"})
    refusals.answered("a", "Not authorized")
    refusals.broke_off({"b"})
    assert not refusals.lately("b")
    assert len(caplog.messages) == 1
