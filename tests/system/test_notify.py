"""What systemd is told goes to the socket that it named, and nowhere where it named none."""

from __future__ import annotations

import logging
import socket

import pytest

from emotiond.system.notify import Notifier


@pytest.fixture
def manager(tmp_path, monkeypatch):
    pytest.importorskip("systemd.daemon", reason="systemd-python is not installed (emotiond[systemd])")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(10.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield end


def test_every_word_arrives_in_its_order(manager):
    notifier = Notifier()
    notifier.ready()
    notifier.status("2 of 2 cameras online")
    notifier.alive()
    notifier.stopping()
    told = [manager.recv(4096).decode() for _ in range(4)]
    assert told == ["READY=1", "STATUS=2 of 2 cameras online", "WATCHDOG=1", "STOPPING=1"]


def test_a_busy_loop_says_that_it_lives_once_a_second_at_most(manager):
    notifier = Notifier()
    for _ in range(1000):
        notifier.alive()
    notifier.stopping()
    assert [manager.recv(4096).decode() for _ in range(2)] == ["WATCHDOG=1", "STOPPING=1"]


def test_nobody_listening_is_no_failure(monkeypatch, caplog):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    with caplog.at_level(logging.DEBUG):
        notifier = Notifier()
        notifier.ready()
        notifier.status("alone")
        notifier.alive()
        notifier.stopping()
    assert caplog.records == []
