"""Puts the parts together into the daemon: at the start, and again at every reload."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from emotiond import __version__, cameras, delivery, parts
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader
from emotiond.config import Config, ConfigError
from emotiond.control import Control
from emotiond.crew import Crew
from emotiond.gears import LADDER, Gears
from emotiond.mqtt.frontdesk import FrontDesk
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.login import PublisherError
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.outlet import Outlet
from emotiond.mqtt.spool import SpoolError
from emotiond.mqtt.stdout import Stdout
from emotiond.pipeline import Pipeline
from emotiond.service import Service
from emotiond.system.governor import Condition, Governor, Limits
from emotiond.system.heat import cpu_celsius, hindrance, throttled
from emotiond.system.load import Load
from emotiond.system.notify import Notifier
from emotiond.system.overseer import Overseer
from emotiond.system.progress import Progress
from emotiond.vision.detector import Detector
from emotiond.vision.reader import FaceReader
from emotiond.vision.runtime import RuntimeMissingError
from emotiond.vision.sidecar import ModelError
from emotiond.vitals import Vitals

OutletKind = Literal["mqtt", "stdout"]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stand:
    """What stays for as long as the daemon runs, whatever its configuration says."""

    #: An outlet that is there already is never replaced.
    outlet: OutletKind | Outlet
    bell: Bell
    inbox: Inbox
    vitals: Vitals
    identity: Identity


def stand(config: Config, outlet: OutletKind | Outlet) -> Stand:
    """Build what stays."""
    bell = Bell()
    vitals = Vitals([camera.name for camera in config.camera], cpu_celsius, throttled)
    return Stand(outlet, bell, Inbox(bell.ring), vitals, Identity(__version__, secrets.token_hex(8)))


def service(config: Config, outlet: OutletKind | Outlet, reread: Callable[[], Config]) -> Service:
    """Build the whole daemon; raise what the parts raise. ``reread`` loads the configuration anew."""
    ground = stand(config, outlet)
    return service_of(crew(config, ground), ground, reread)


def service_of(first: Crew, ground: Stand, reread: Callable[[], Config]) -> Service:
    """Build the loop around a crew that is there already."""

    def renew(before: Crew) -> Crew:
        try:
            return crew(reread(), ground, before)
        except (ModelError, RuntimeMissingError, PublisherError, SpoolError) as error:
            raise ConfigError(str(error)) from error

    notifier = Notifier()
    return Service(first, renew, ground.bell, notifier, Overseer(notifier), ground.inbox, ground.vitals)


def crew(config: Config, ground: Stand, before: Crew | None = None) -> Crew:
    """Build all that works under ``config``; of ``before`` stays what would be made the same. Nothing starts yet."""
    readers = [
        (before and before.reader(camera, config)) or cameras.reader(config, camera, ground.bell)
        for camera in config.camera
    ]
    desk = delivery.desk(config, ground.inbox)
    way_out = outlet(config, ground.outlet, desk, before)
    network = before.classifier if before and before.lasts("classifier", config) else parts.classifier(config)
    finder = before.detector if before and before.lasts("detector", config) else parts.detector(config)
    return crew_of(config, ground, readers, finder, network, newsroom(config, ground.identity), way_out, desk)


def crew_of(
    config: Config,
    ground: Stand,
    readers: Sequence[Reader],
    finder: Detector,
    network: FaceReader,
    newsroom: Newsroom,
    outlet: Outlet,
    desk: FrontDesk,
) -> Crew:
    """Let parts that are there already work together."""
    progress = Progress(
        {name.removesuffix("_seconds"): seconds for name, seconds in msgspec.structs.asdict(config.watchdog).items()}
    )
    stages = parts.pipeline_of(config, finder, network, progress=progress)
    return Crew(
        config,
        tuple(readers),
        finder,
        network,
        stages,
        newsroom,
        outlet,
        desk,
        Control(parts.steadiness(config, stages.rules), stages, newsroom, ground.vitals),
        progress,
        gears(config, stages, ground.vitals, live=all(reader.live for reader in readers)),
    )


def newsroom(config: Config, identity: Identity) -> Newsroom:
    """Build what decides what is said."""
    discretion = delivery.discretion(config)
    if discretion.room_only:
        log.info("privacy: only the mood of the room is told of, from %d faces up", discretion.min_faces)
    if discretion.notice:
        log.warning("%s", discretion.notice)
    return Newsroom(delivery.topics(config), identity, config.mood.interval_seconds, delivery.clock(config), discretion)


def outlet(config: Config, kind: OutletKind | Outlet, desk: FrontDesk, before: Crew | None = None) -> Outlet:
    """Build the way out, or keep the one that is there; raise what its settings cannot be used for."""
    if not isinstance(kind, str):
        return kind
    if before and before.lasts("outlet", config):
        return before.outlet
    if kind == "stdout":
        return Stdout(sys.stdout)
    if before and before.config.mqtt.spool.directory != config.mqtt.spool.directory:
        # Where this fails, the old way out has not been closed yet.
        delivery.try_spool(config)
    return delivery.courier(config, desk)


def gears(config: Config, stages: Pipeline, vitals: Vitals, *, live: bool) -> Gears:
    """Build what answers heat and load."""
    table = config.governor
    limits = Limits(
        hot_celsius=table.hot_celsius,
        cool_celsius=table.cool_celsius,
        busy_share=table.busy_share,
        quiet_share=table.quiet_share,
        down_seconds=table.down_seconds,
        up_seconds=table.up_seconds,
    )
    load = Load()

    def look() -> Condition:
        return Condition(cpu_celsius(), hindrance(), *(load.look() or (None, None)))

    governor = Governor(limits, len(LADDER) - 1) if table.enabled else None
    return Gears(governor, look, stages, vitals, live=live)
