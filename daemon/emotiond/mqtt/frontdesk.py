"""What comes in: requests, Home Assistant's birth message, and the retained messages of cameras that are no more."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Final

import msgspec

from emotiond.mqtt.contract import Answer, Envelope
from emotiond.mqtt.discretion import OPEN, Discretion
from emotiond.mqtt.homeassistant import HomeAssistant
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.requests import COMMANDS, RequestError, read_request
from emotiond.mqtt.topics import RETAINED_OF_A_CAMERA, Topics

log = logging.getLogger(__name__)
#: The broker sends what it retains at once: after this long nothing more will come.
SWEEP_SECONDS: Final = 5.0
#: A bad request is said at most this often: whoever sends thousands must not fill the journal.
COMPLAINT_SECONDS: Final = 10.0


@dataclass
class FrontDesk:
    """Turns incoming messages into answers, and into requests in ``inbox``; without one, commands are off."""

    topics_of: Topics
    cameras: frozenset[str]
    homeassistant: HomeAssistant | None
    inbox: Inbox | None
    discretion: Discretion = OPEN
    _sweep_until: float | None = None
    _complained: float = float("-inf")
    _bad: int = 0
    _left: set[str] = field(default_factory=set)

    def topics(self) -> list[str]:
        """List what to subscribe to at the start of a connection."""
        self._sweep_until = time.monotonic() + SWEEP_SECONDS
        topics = self._sweeps()
        if self.homeassistant:
            topics.append(self.homeassistant.birth_topic)
        if self.inbox is not None:
            topics += [self.topics_of.request(command) for command in COMMANDS]
        return topics

    def no_longer_needed(self) -> list[str]:
        """List what to unsubscribe from now: our own states, once those of former cameras have been seen."""
        if self._sweep_until is None or time.monotonic() < self._sweep_until:
            return []
        self._sweep_until = None
        return self._sweeps()

    def greetings(self) -> dict[str, Envelope]:
        """Return what stands at the start of every connection: the discovery message."""
        if self.homeassistant is None:
            return {}
        discovery = self.homeassistant.discovery()
        return {discovery.topic: discovery}

    def left_behind(self, topic: str) -> bool:
        """Say whether this is a retained topic of a camera that is no more."""
        camera = self.topics_of.camera_of(topic)
        return camera is not None and camera not in self.cameras

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> list[Envelope]:
        """Take in one message; return what must be sent at once."""
        command = self.topics_of.command_of(topic)
        if command is not None:
            # A retained request would be carried out anew at every start.
            return [] if retained or self.inbox is None else self._ask(command, payload, self.inbox)
        if self.homeassistant and topic == self.homeassistant.birth_topic:
            return [self.homeassistant.discovery()] if payload == b"online" else []
        if not retained:
            return []
        if self.homeassistant and topic == self.homeassistant.discovery_topic:
            return self.homeassistant.without_former(payload)
        return self._clear(topic, payload)

    def _ask(self, command: str, payload: bytes, inbox: Inbox) -> list[Envelope]:
        try:
            request = read_request(command, payload, self.cameras)
            if not inbox.put(request):
                raise RequestError("too many requests wait; ask again later", request.transaction)
        except RequestError as error:
            self._complain(command, error)
            answer = Answer("error", None, str(error), error.transaction)
            return [Envelope(self.topics_of.response(command), msgspec.json.encode(answer), retain=False)]
        return []

    def _complain(self, command: str, error: RequestError) -> None:
        self._bad += 1
        now = time.monotonic()
        if now - self._complained >= COMPLAINT_SECONDS:
            self._complained = now
            log.warning("request %s: %s (%d bad requests since the start)", command, error, self._bad)

    def _clear(self, topic: str, payload: bytes) -> list[Envelope]:
        camera = self.topics_of.camera_of(topic)
        if camera is None or not payload:
            return []
        if camera in self.cameras:
            what = topic.rpartition("/")[2]
            return [Envelope(topic, b"", retain=True)] if self.discretion.forbids(what, payload) else []
        if camera not in self._left:
            self._left.add(camera)
            log.info("camera %s is no more: its retained messages are cleared", camera)
        return [Envelope(topic, b"", retain=True)]

    def _sweeps(self) -> list[str]:
        sweeps = [self.topics_of.of_camera("+", what) for what in RETAINED_OF_A_CAMERA]
        return [*sweeps, self.homeassistant.discovery_topic] if self.homeassistant else sweeps
