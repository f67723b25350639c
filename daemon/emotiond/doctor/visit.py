"""One visit to the broker with our own name: let in, publish, hear it come back."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Final

import msgspec

from emotiond.mqtt.contract import Answer, Envelope
from emotiond.mqtt.publisher import Publisher
from emotiond.mqtt.topics import Topics

LOGIN_SECONDS: Final = 8.0
ANSWER_SECONDS: Final = 4.0


@dataclass
class Visit:
    """Hears what the connection sees."""

    publisher: Publisher
    topics: Topics
    _connected: threading.Event = field(default_factory=threading.Event)
    _acknowledged: threading.Event = field(default_factory=threading.Event)
    _returned: threading.Event = field(default_factory=threading.Event)
    _refusal: str = ""
    _word: str = field(default_factory=lambda: secrets.token_hex(8))

    def run(self) -> tuple[str, str]:
        """Return the step that failed, ``login``, ``publish`` or ``receive``, and why; empty where all went well."""
        self.publisher.start(self)
        try:
            if not self._let_in():
                return "login", self.publisher.trouble or f"no answer within {LOGIN_SECONDS:g} s"
            if not self._acknowledged.wait(ANSWER_SECONDS):
                return "publish", self.publisher.trouble or "not acknowledged"
            if self._refusal:
                return "publish", f"refused: {self._refusal}"
            if not self._returned.wait(ANSWER_SECONDS):
                return "receive", "what was published did not come back"
            return "", ""
        finally:
            self.publisher.stop()

    def connected(self) -> None:
        """The broker has let us in: publish what nobody keeps, an answer that nobody has asked for."""
        topic = self.topics.response("doctor")
        self.publisher.subscribe([topic])
        answer = Answer("ok", None, None, self._word)
        self.publisher.publish(Envelope(topic, b"", retain=False), msgspec.json.encode(answer))
        self._connected.set()

    def lost(self) -> None:
        """The connection has gone: a wait will say so."""

    def acknowledged(self, _number: int, refusal: str) -> None:
        """The broker has taken our message, or refused it."""
        self._refusal = refusal
        self._acknowledged.set()

    def heard(self, _topic: str, payload: bytes, *, retained: bool) -> None:
        """Something has come back."""
        if not retained and self._word.encode() in payload:
            self._returned.set()

    def _let_in(self) -> bool:
        """Wait for the broker's word, or for a reason why it does not come."""
        deadline = time.monotonic() + LOGIN_SECONDS
        while time.monotonic() < deadline and not self.publisher.trouble:
            if self._connected.wait(0.05):
                return True
        return self._connected.is_set()
