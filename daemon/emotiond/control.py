"""Carries out requests between two frames: pause, resume, ping, info, set."""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from typing import Any

from emotiond.mood.steady import Steadiness
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.newsroom import Newsroom
from emotiond.pipeline import Pipeline
from emotiond.records import Request, Tuning
from emotiond.vitals import Vitals

log = logging.getLogger(__name__)


class Control:
    """Belongs to the loop; what it sets holds until the next one takes its place."""

    def __init__(self, steadiness: Steadiness, pipeline: Pipeline, newsroom: Newsroom, vitals: Vitals) -> None:
        self._steadiness = steadiness
        self._pipeline = pipeline
        self._newsroom = newsroom
        self._vitals = vitals

    def carry_out(self, request: Request) -> Envelope:
        """Do what is asked, and write the answer."""
        if request.command in ("pause", "resume"):
            for camera in request.cameras:
                self._vitals.pause(camera, paused=request.command == "pause")
            log.info("%s: %s", request.command, ", ".join(sorted(request.cameras)))
            data: dict[str, Any] = {camera: self._vitals.paused(camera) for camera in sorted(request.cameras)}
            return self._newsroom.answer(request, {"paused": data})
        if request.command == "set":
            self._tune(request.tuning)
            log.info("set: %s", self.settings())
            return self._newsroom.answer(request, self.settings())
        if request.command == "info":
            return self._newsroom.answer(request, self._info())
        return self._newsroom.answer(request, {"pong": True})

    def _tune(self, tuning: Tuning) -> None:
        known = {field.name for field in fields(Steadiness)}
        given = {field.name: getattr(tuning, field.name) for field in fields(Tuning)}
        changes = {name: value for name, value in given.items() if name in known and value is not None}
        self._steadiness = replace(self._steadiness, **changes)
        self._pipeline.tune(self._steadiness)
        if tuning.interval_seconds is not None:
            self._newsroom.mood_interval_seconds = tuning.interval_seconds
        if tuning.frames_per_second is not None:
            self._vitals.frames_per_second_limit = tuning.frames_per_second

    def settings(self) -> dict[str, Any]:
        """Return what may be set, as it stands."""
        return {
            "frames_per_second": self._vitals.frames_per_second_limit,
            "interval_seconds": self._newsroom.mood_interval_seconds,
            "change_margin": self._steadiness.change_margin,
            "change_dwell_seconds": self._steadiness.change_dwell_seconds,
            "unknown_below": self._steadiness.unknown_below,
        }

    def _info(self) -> dict[str, Any]:
        identity = self._newsroom.identity
        return {
            "version": identity.version,
            "boot_id": identity.boot_id,
            "device": self._newsroom.topics.device,
            "cameras": {camera: {"paused": load.paused} for camera, load in self._vitals.loads().items()},
            "settings": self.settings(),
        }
