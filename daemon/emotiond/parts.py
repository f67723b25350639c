"""Where everything is built: from the configuration to parts that fit together."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from emotiond import __version__, delivery
from emotiond.capture.address import source_of
from emotiond.capture.hours import Hours, HoursError
from emotiond.capture.lens import Lens
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import Source, SourceError, Wish
from emotiond.config import Camera, Config, ConfigError
from emotiond.control import Control
from emotiond.mood.belief import Evidence
from emotiond.mood.moments import Arousal, Moments
from emotiond.mood.room import Room, RoomManners
from emotiond.mood.steady import Steadiness
from emotiond.mood.visits import Manners, Visits
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.stdout import Stdout
from emotiond.pipeline import Lane, Pipeline
from emotiond.service import Service
from emotiond.system.heat import cpu_celsius, throttled
from emotiond.system.notify import Notifier
from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.detector import Detector
from emotiond.vision.haar import Haar
from emotiond.vision.lifecycle import Lifetimes
from emotiond.vision.quality import Eyesight
from emotiond.vision.reader import FaceReader
from emotiond.vision.sidecar import SHIPPED, Sidecar
from emotiond.vision.tracker import Tracker
from emotiond.vitals import Vitals

OutletKind = Literal["mqtt", "stdout"]
log = logging.getLogger(__name__)
#: A camera is gone when it has been silent for as many reads as this, each at its time limit.
SILENT_READS = 3.0


def source(config: Config, camera: Camera) -> Source:
    """Build the source of one camera, not yet open; raise ``AddressError`` where its address means nothing."""
    wish = Wish(
        camera.width_pixels,
        camera.height_pixels,
        camera.frames_per_second,
        config.capture.timeout_seconds,
        camera.format,
        camera.transport,
        camera.color,
    )
    return source_of(camera.source, wish)


def configured_source(config: Config, camera: Camera) -> Source:
    """Do the same where a configuration names the camera: what means nothing is a ``ConfigError``."""
    hours(camera)
    try:
        return source(config, camera)
    except SourceError as error:
        raise ConfigError(f"[[camera]] {camera.name}: source: {error}") from error


def hours(camera: Camera) -> Hours:
    """Say when a camera may look; raise ``ConfigError`` where that cannot be understood."""
    try:
        return Hours.of(camera.hours)
    except HoursError as error:
        raise ConfigError(f"[[camera]] {camera.name}: hours: {error}") from error


def lens(camera: Camera) -> Lens:
    """Build what turns and masks the pictures of one camera."""
    return Lens(camera.rotate, camera.masks, mirror=camera.mirror)


def patience(config: Config) -> Patience:
    """Say how long a live camera is given."""
    table = config.capture
    return Patience(SILENT_READS * table.timeout_seconds, table.timeout_seconds, table.frozen_seconds)


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


def pipeline_of(config: Config, finder: Detector, reader: FaceReader) -> Pipeline:
    """Build the pipeline around a detector and a reader of faces that are there already."""
    lanes = {camera.name: lane(config, camera.name, reader.sidecar) for camera in config.camera}
    return Pipeline(finder, reader, lanes, config.detector.every_frames)


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
    retry = Retry(config.capture.retry_first_seconds, config.capture.retry_longest_seconds)
    readers = [
        Reader(
            camera.name,
            configured_source(config, camera),
            bell,
            retry,
            realtime=camera.realtime,
            patience=patience(config),
            lens=lens(camera),
            hours=hours(camera),
        )
        for camera in config.camera
    ]
    stages = pipeline(config)
    inbox = Inbox(bell.ring)
    identity = Identity(__version__, secrets.token_hex(8))
    newsroom = Newsroom(delivery.topics(config), identity, config.mood.interval_seconds, delivery.clock(config))
    vitals = Vitals([camera.name for camera in config.camera], cpu_celsius, throttled)
    control = Control(config, reread, steadiness(config, stages.rules), stages, newsroom, vitals)
    outlet = Stdout(sys.stdout) if outlet_kind == "stdout" else delivery.courier(config, inbox)
    return Service(readers, bell, stages, newsroom, outlet, Notifier(), inbox, control, vitals)


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
