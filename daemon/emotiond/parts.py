"""Where everything is built: from the configuration to parts that fit together."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from emotiond import __version__, delivery
from emotiond.capture.address import source_of
from emotiond.capture.camera import Wish
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader, Retry
from emotiond.capture.source import Source, SourceError
from emotiond.config import Camera, Config, ConfigError
from emotiond.control import Control
from emotiond.crew import Crew
from emotiond.mood.belief import Evidence
from emotiond.mood.moments import Arousal, Moments
from emotiond.mood.room import Room, RoomManners
from emotiond.mood.steady import Steadiness
from emotiond.mood.visits import Manners, Visits
from emotiond.mqtt.frontdesk import FrontDesk
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.login import PublisherError
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.outlet import Outlet
from emotiond.mqtt.spool import SpoolError
from emotiond.mqtt.stdout import Stdout
from emotiond.pipeline import Lane, Pipeline
from emotiond.service import Service
from emotiond.system.heat import cpu_celsius, throttled
from emotiond.system.notify import Notifier
from emotiond.system.overseer import Overseer
from emotiond.system.progress import Progress
from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.detector import Detector
from emotiond.vision.haar import Haar
from emotiond.vision.lifecycle import Lifetimes
from emotiond.vision.quality import Eyesight
from emotiond.vision.reader import FaceReader
from emotiond.vision.runtime import RuntimeMissingError
from emotiond.vision.sidecar import SHIPPED, ModelError, Sidecar
from emotiond.vision.tracker import Tracker
from emotiond.vitals import Vitals

OutletKind = Literal["mqtt", "stdout"]
log = logging.getLogger(__name__)
#: A camera is gone when it has been silent for as many reads as this, each at its time limit.
SILENT_READS = 3.0


def source(config: Config, camera: Camera) -> Source:
    """Build the source of one camera, not yet open; raise ``AddressError`` where its address means nothing."""
    wish = Wish(camera.width_pixels, camera.height_pixels, camera.frames_per_second, config.capture.timeout_seconds)
    return source_of(camera.source, wish)


def configured_source(config: Config, camera: Camera) -> Source:
    """Do the same where a configuration names the camera: an address that means nothing is a ``ConfigError``."""
    try:
        return source(config, camera)
    except SourceError as error:
        raise ConfigError(f"[[camera]] {camera.name}: source: {error}") from error


def eyesight(config: Config) -> Eyesight:
    """Build what decides whether a face can be read."""
    table = config.inference
    return Eyesight(
        min_face_pixels=table.min_face_pixels,
        full_face_pixels=table.full_face_pixels,
        min_visible_share=table.min_visible_share,
        min_sharpness=table.min_sharpness,
        full_sharpness=table.full_sharpness,
    )


def classifier(config: Config) -> Classifier:
    """Load the classifier; raise ``ModelError`` or ``RuntimeMissingError`` where that cannot be."""
    model = Path(config.inference.model) if config.inference.model else SHIPPED
    table = config.inference
    return load_classifier(model, table.runtime, table.threads, eyesight(config))


def detector(config: Config) -> Detector:
    """Build the detector that the configuration names."""
    table = config.detector
    return Haar(table.haar_scale_factor, table.haar_neighbours, table.min_face_pixels)


def pipeline(config: Config) -> Pipeline:
    """Build all stages, with a lane for each camera."""
    return pipeline_of(config, detector(config), classifier(config))


def pipeline_of(config: Config, finder: Detector, reader: FaceReader, progress: Progress | None = None) -> Pipeline:
    """Build the pipeline around a detector and a reader of faces that are there already."""
    lanes = {camera.name: lane(config, camera.name, reader.sidecar) for camera in config.camera}
    return Pipeline(finder, reader, lanes, config.detector.every_frames, progress)


def progress_of(config: Config) -> Progress:
    """Say how long each stage may take."""
    limits = msgspec.structs.asdict(config.watchdog)
    return Progress({name.removesuffix("_seconds"): seconds for name, seconds in limits.items()})


def lane(config: Config, camera: str, rules: Sidecar) -> Lane:
    """Build what belongs to one camera alone."""
    table = config.mood
    visits = Visits(camera, Manners(steadiness(config, rules), table.enter_wait_seconds, rules.reject_above))
    room = Room(RoomManners(table.room_seconds, table.room_margin, table.room_dwell_seconds))
    moments = Moments(camera, Arousal(table.moment_rise, table.moment_seconds)) if table.moments else None
    return Lane(_tracker(config), visits, room, moments)


def service(config: Config, outlet_kind: OutletKind, reread: Callable[[], Config]) -> Service:
    """Build the whole daemon; raise what the parts raise. ``reread`` loads the configuration anew."""
    bell = Bell()
    inbox = Inbox(bell.ring)
    vitals = Vitals([camera.name for camera in config.camera], cpu_celsius, throttled)
    stand = Stand(outlet_kind, bell, inbox, vitals, Identity(__version__, secrets.token_hex(8)))

    def renew(before: Crew) -> Crew:
        try:
            return crew(reread(), stand, before)
        except (ModelError, RuntimeMissingError, PublisherError, SpoolError) as error:
            raise ConfigError(str(error)) from error

    notifier = Notifier()
    return Service(crew(config, stand), renew, bell, notifier, Overseer(notifier), inbox, vitals)


@dataclass(frozen=True)
class Stand:
    """What stays for as long as the daemon runs, whatever its configuration says."""

    outlet_kind: OutletKind
    bell: Bell
    inbox: Inbox
    vitals: Vitals
    identity: Identity


def crew(config: Config, stand: Stand, before: Crew | None = None) -> Crew:
    """Build all that works under ``config``; of ``before`` stays what would be made the same. Nothing starts yet."""
    finder = before.detector if before and before.lasts("detector", config) else detector(config)
    network = before.classifier if before and before.lasts("classifier", config) else classifier(config)
    progress = progress_of(config)
    stages = pipeline_of(config, finder, network, progress)
    newsroom = Newsroom(delivery.topics(config), stand.identity, config.mood.interval_seconds, delivery.clock(config))
    desk = delivery.desk(config, stand.inbox)
    return Crew(
        config,
        tuple(
            (before and before.reader(camera, config)) or reader(config, camera, stand.bell) for camera in config.camera
        ),
        finder,
        network,
        stages,
        newsroom,
        outlet(config, stand.outlet_kind, desk, before),
        desk,
        Control(steadiness(config, stages.rules), stages, newsroom, stand.vitals),
        progress,
    )


def reader(config: Config, camera: Camera, bell: Bell) -> Reader:
    """Build what reads one camera."""
    return Reader(
        camera.name,
        configured_source(config, camera),
        bell,
        Retry(config.capture.retry_first_seconds, config.capture.retry_longest_seconds),
        realtime=camera.realtime,
        silence_seconds=SILENT_READS * config.capture.timeout_seconds,
    )


def outlet(config: Config, kind: OutletKind, desk: FrontDesk, before: Crew | None = None) -> Outlet:
    """Build the way out, or keep the one that is there; raise what its settings cannot be used for."""
    if before and before.lasts("outlet", config):
        return before.outlet
    if kind == "stdout":
        return Stdout(sys.stdout)
    if before and before.config.mqtt.spool.directory != config.mqtt.spool.directory:
        # Where this fails, the old way out has not been closed yet.
        delivery.try_spool(config)
    return delivery.courier(config, desk)


def steadiness(config: Config, rules: Sidecar) -> Steadiness:
    """Say how slow to believe: the configuration knows the times, the network's sidecar its own doubt."""
    table = config.mood
    evidence = Evidence(table.error_seconds, table.mood_seconds, table.reading_doubt, rules.expected())
    return Steadiness(
        evidence=evidence,
        change_margin=table.change_margin,
        change_dwell_seconds=table.change_dwell_seconds,
        clarity_seconds=table.clarity_seconds,
        unknown_below=rules.unknown_below,
        unknown_hysteresis=table.unknown_hysteresis,
    )


def _tracker(config: Config) -> Tracker:
    table = config.tracking
    lifetimes = Lifetimes(
        confirm_detections=table.confirm_detections,
        hold_seconds=table.hold_seconds,
        lost_seconds=table.lost_seconds,
        outside_seconds=table.outside_seconds,
        unconfirmed_seconds=table.unconfirmed_seconds,
    )
    return Tracker(
        lifetimes,
        min_overlap=table.min_overlap,
        sure_score=table.sure_score,
        wander=table.wander_widths_per_second,
        # Random per start: a number says nothing about who was here before.
        first_number=secrets.randbelow(900_000) + 100_000,
    )
