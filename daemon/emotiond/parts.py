"""Where everything is built: from the configuration to parts that fit together."""

from __future__ import annotations

import hashlib
import secrets
import socket
import sys
import time
from pathlib import Path
from typing import Literal

from emotiond import __version__
from emotiond.capture.address import source_of
from emotiond.capture.camera import Wish
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Reader, Retry
from emotiond.capture.source import Source, SourceError
from emotiond.config import Camera, Config, ConfigError
from emotiond.mood.steady import Steadiness
from emotiond.mood.visits import Visits
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.outlet import Outlet
from emotiond.mqtt.publisher import Broker, Publisher
from emotiond.mqtt.stdout import Stdout
from emotiond.mqtt.topics import Topics
from emotiond.pipeline import Lane, Pipeline
from emotiond.service import Service
from emotiond.system.credentials import credential_file
from emotiond.system.notify import Notifier
from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.detector import Detector
from emotiond.vision.haar import Haar
from emotiond.vision.sidecar import SHIPPED
from emotiond.vision.tracker import Tracker

OutletKind = Literal["mqtt", "stdout"]
#: The name that the unit file gives to the broker's password.
PASSWORD_CREDENTIAL = "mqtt-password"  # noqa: S105 - a name, not a password


def source(config: Config, camera: Camera) -> Source:
    """Build the source of one camera, not yet open; raise ``SourceError`` where its address means nothing."""
    wish = Wish(camera.width_pixels, camera.height_pixels, camera.frames_per_second, config.capture.timeout_seconds)
    return source_of(camera.source, wish)


def configured_source(config: Config, camera: Camera) -> Source:
    """Do the same where a configuration names the camera: an address that means nothing is a ``ConfigError``."""
    try:
        return source(config, camera)
    except SourceError as error:
        raise ConfigError(f"[[camera]] {camera.name}: source: {error}") from error


def classifier(config: Config) -> Classifier:
    """Load the classifier; raise ``ModelError`` or ``RuntimeMissingError`` where that cannot be."""
    model = Path(config.inference.model) if config.inference.model else SHIPPED
    return load_classifier(model, config.inference.runtime, config.inference.threads)


def detector(config: Config) -> Detector:
    """Build the detector that the configuration names."""
    table = config.detector
    return Haar(table.haar_scale_factor, table.haar_neighbours, table.min_face_pixels)


def pipeline(config: Config) -> Pipeline:
    """Build all stages, with a lane for each camera."""
    reader_of_faces = classifier(config)
    rules = reader_of_faces.sidecar
    steadiness = Steadiness(
        time_constant_seconds=config.mood.time_constant_seconds,
        change_margin=config.mood.change_margin,
        change_dwell_seconds=config.mood.change_dwell_seconds,
        unknown_below=rules.unknown_below,
    )
    lanes = {
        camera.name: Lane(_tracker(config), Visits(camera.name, steadiness, rules.reject_above))
        for camera in config.camera
    }
    return Pipeline(detector(config), reader_of_faces, lanes)


def service(config: Config, outlet_kind: OutletKind) -> Service:
    """Build the whole daemon; raise what the parts raise."""
    bell = Bell()
    retry = Retry(config.capture.retry_first_seconds, config.capture.retry_longest_seconds)
    readers = [
        Reader(camera.name, configured_source(config, camera), bell, retry, realtime=camera.realtime)
        for camera in config.camera
    ]
    topics = Topics(config.mqtt.prefix, config.mqtt.device or socket.gethostname())
    identity = Identity(__version__, secrets.token_hex(8))
    newsroom = Newsroom(topics, identity, config.mood.interval_seconds, time.monotonic)
    return Service(readers, bell, pipeline(config), newsroom, _outlet(config, topics, outlet_kind), Notifier())


def _tracker(config: Config) -> Tracker:
    return Tracker(
        min_overlap=config.tracking.min_overlap,
        confirm_detections=config.tracking.confirm_detections,
        lost_seconds=config.tracking.lost_seconds,
        # Random per start: a number says nothing about who was here before.
        first_number=secrets.randbelow(900_000) + 100_000,
    )


def _outlet(config: Config, topics: Topics, kind: OutletKind) -> Outlet:
    if kind == "stdout":
        return Stdout(sys.stdout)
    table = config.mqtt
    broker = Broker(
        host=table.host,
        port=table.port,
        username=table.username,
        password_file=table.password_file or credential_file(PASSWORD_CREDENTIAL),
        tls=table.tls,
        ca_file=table.ca_file,
        keepalive_seconds=table.keepalive_seconds,
        queue_messages=table.queue_messages,
    )
    return Publisher(broker, topics, _client_id(topics))


def _client_id(topics: Topics) -> str:
    """Derive a client id that stays the same over restarts and differs between machines and devices."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except OSError:
        machine = socket.gethostname()
    digest = hashlib.sha256(f"{machine}/{topics.prefix}/{topics.device}".encode()).hexdigest()
    return f"emotiond-{digest[:12]}"
