"""Carries out requests between two frames: pause, resume, reload, ping, info, set."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final

import msgspec

from emotiond.config import Config, ConfigError
from emotiond.mood.steady import Steadiness
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.newsroom import Newsroom
from emotiond.pipeline import Pipeline
from emotiond.records import Request, Tuning
from emotiond.vitals import Vitals

log = logging.getLogger(__name__)
#: What a reload takes over while the daemon runs; everything else is named in the answer, and needs a restart.
_LIVE: Final = ("change_margin", "change_dwell_seconds", "interval_seconds")


class Control:
    """Belongs to the loop; ``reread`` loads the configuration file anew."""

    def __init__(
        self,
        config: Config,
        reread: Callable[[], Config],
        steadiness: Steadiness,
        pipeline: Pipeline,
        newsroom: Newsroom,
        vitals: Vitals,
    ) -> None:
        self._config = config
        self._reread = reread
        self._shipped_unknown_below = steadiness.unknown_below
        self._steadiness = steadiness
        self._pipeline = pipeline
        self._newsroom = newsroom
        self._vitals = vitals

    def carry_out(self, request: Request) -> Envelope:
        """Do what is asked, and write the answer."""
        if request.command == "reload":
            return self._reload(request)
        if request.command in ("pause", "resume"):
            for camera in request.cameras:
                self._vitals.pause(camera, paused=request.command == "pause")
            log.info("%s: %s", request.command, ", ".join(sorted(request.cameras)))
            data: dict[str, Any] = {camera: self._vitals.paused(camera) for camera in sorted(request.cameras)}
            return self._newsroom.answer(request, {"paused": data})
        if request.command == "set":
            self._tune(request.tuning)
            log.info("set: %s", self._settings())
            return self._newsroom.answer(request, self._settings())
        if request.command == "info":
            return self._newsroom.answer(request, self._info())
        return self._newsroom.answer(request, {"pong": True})

    def _reload(self, request: Request) -> Envelope:
        try:
            config = self._reread()
        except ConfigError as error:
            log.warning("reload: %s", error)
            return self._newsroom.answer(request, None, str(error))
        mood = config.mood
        self._tune(
            Tuning(
                frames_per_second=0.0,
                unknown_below=self._shipped_unknown_below,
                **{name: getattr(mood, name) for name in _LIVE},
            )
        )
        logging.getLogger().setLevel(config.log.level.upper())
        waits = self._needs_restart(config)
        log.info("reload: done%s", f"; a restart is needed for {', '.join(waits)}" if waits else "")
        return self._newsroom.answer(request, {**self._settings(), "needs_restart": waits})

    def _needs_restart(self, config: Config) -> list[str]:
        """Name the tables in which something else has changed than what is taken over."""
        before = msgspec.to_builtins(self._config)
        after = msgspec.to_builtins(config)
        for tables in (before, after):
            tables.pop("log")
            for name in _LIVE:
                tables["mood"].pop(name)
        return [name for name in before if before[name] != after[name]]

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

    def _settings(self) -> dict[str, Any]:
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
            "settings": self._settings(),
        }
