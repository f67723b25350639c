"""Beside the events: the newest of each state, answers in their order, and nothing that was just refused."""

from __future__ import annotations

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.notices import Notices

ONLINE = Envelope("availability", b"online", retain=True)


def state(topic: str, payload: bytes = b"1") -> Envelope:
    return Envelope(topic, payload, retain=True)


def said(notices: Notices) -> list[Envelope]:
    found = []
    while (notice := notices.first()) is not None:
        found.append(notice)
        notices.gone(notice)
    return found


def test_only_the_newest_of_a_state_is_said_and_states_go_before_answers() -> None:
    notices = Notices()
    for envelope in (Envelope("answer", b"1", retain=False), state("a"), state("b"), state("a", b"2")):
        notices.put(envelope)
    assert [(one.topic, one.payload) for one in said(notices)] == [("a", b"2"), ("b", b"1"), ("answer", b"1")]
    assert not notices


def test_a_state_that_is_renewed_while_it_goes_is_said_again() -> None:
    notices = Notices()
    notices.put(state("a"))
    going = notices.first()
    assert going is not None
    notices.put(state("a", b"2"))
    notices.gone(going)
    assert said(notices) == [state("a", b"2")]


def test_a_connection_begins_with_every_state_and_online_last() -> None:
    notices = Notices()
    notices.put(state("a"))
    notices.put_once(state("offline"))
    for _ in range(2):
        notices.begin({"hello": state("hello")}, ONLINE, lambda _topic: False)
        assert [one.topic for one in said(notices)] == ["hello", "a", "availability"]


def test_what_was_refused_waits_until_it_may_be_tried_again() -> None:
    notices = Notices()
    refused = {"hello", "availability"}
    notices.begin({"hello": state("hello")}, ONLINE, refused.__contains__)
    notices.put(state("availability", b"newer"))
    assert [one.topic for one in said(notices)] == ["availability"], "what is new is tried at once"
    notices.release(refused.__contains__)
    assert not notices
    refused.clear()
    notices.release(refused.__contains__)
    assert [one.topic for one in said(notices)] == ["hello"]


def test_states_of_what_is_no_more_are_cleared_with_the_next_connection() -> None:
    notices = Notices()
    notices.put(state("a"))
    notices.put(state("b"))
    said(notices)
    notices.clear(lambda topic: topic == "a")
    notices.begin({}, ONLINE, lambda _topic: False)
    assert {one.topic: one.payload for one in said(notices)} == {"a": b"", "b": b"1", "availability": b"online"}
