"""What is said beside the events: of each state the newest, and answers, which go now or never."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from emotiond.mqtt.contract import Envelope

#: Answers to requests that wait for the broker: whoever asked has given up by then.
MOST_ANSWERS: Final = 200


class Notices:
    """States and answers in the order in which they go; whoever shares it between threads locks it."""

    def __init__(self) -> None:
        self._states: dict[str, Envelope] = {}
        self._unsent: dict[str, Envelope] = {}
        self._withheld: dict[str, Envelope] = {}
        self._answers: deque[Envelope] = deque(maxlen=MOST_ANSWERS)

    def __bool__(self) -> bool:
        """Whether anything is to be said now."""
        return bool(self._unsent or self._answers)

    def put(self, envelope: Envelope) -> None:
        """Take in a state, which replaces the one before it, or an answer."""
        if envelope.retain:
            self._states[envelope.topic] = envelope
            self.put_once(envelope)
        else:
            self._answers.append(envelope)

    def put_once(self, envelope: Envelope) -> None:
        """Take in a state that the next connection does not begin with."""
        self._withheld.pop(envelope.topic, None)
        self._unsent[envelope.topic] = envelope

    def first(self) -> Envelope | None:
        """Return what goes first, and keep it until ``gone``."""
        return next(iter(self._unsent.values()), self._answers[0] if self._answers else None)

    def gone(self, envelope: Envelope) -> None:
        """Forget what ``first`` has returned; a newer state of its topic stays."""
        if self._unsent.get(envelope.topic) is envelope:
            del self._unsent[envelope.topic]
        elif self._answers and self._answers[0] is envelope:
            self._answers.popleft()

    def clear(self, is_former: Callable[[str], bool]) -> None:
        """Have the broker forget the states of certain topics."""
        self._states |= {topic: Envelope(topic, b"", retain=True) for topic in self._states if is_former(topic)}

    def begin(self, greetings: dict[str, Envelope], online: Envelope, is_refused: Callable[[str], bool]) -> None:
        """Begin a connection: every state anew and ``online`` last, but what is refused for ``release`` to say later."""
        self._states.pop(online.topic, None)
        self._states[online.topic] = online
        states = greetings | self._states
        self._withheld = {topic: envelope for topic, envelope in states.items() if is_refused(topic)}
        self._unsent = {topic: envelope for topic, envelope in states.items() if topic not in self._withheld}

    def release(self, is_refused: Callable[[str], bool]) -> None:
        """Have another try at what ``begin`` has withheld."""
        for topic in [topic for topic in self._withheld if not is_refused(topic)]:
            self._unsent[topic] = self._withheld.pop(topic)
