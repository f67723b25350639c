"""Where the way to the broker is built: from the configuration to parts that carry messages."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from pathlib import Path

from emotiond import __version__
from emotiond.config import Config
from emotiond.config.privacy import notice, room_only
from emotiond.mqtt.attempt import Broker
from emotiond.mqtt.clock import Clock
from emotiond.mqtt.courier import Courier
from emotiond.mqtt.discretion import Discretion
from emotiond.mqtt.frontdesk import FrontDesk
from emotiond.mqtt.homeassistant import HomeAssistant
from emotiond.mqtt.inbox import Inbox
from emotiond.mqtt.link import Link
from emotiond.mqtt.login import Login
from emotiond.mqtt.outbox import Outbox
from emotiond.mqtt.publisher import Publisher
from emotiond.mqtt.spool import Limits, Spool
from emotiond.mqtt.topics import Topics
from emotiond.system.timekeeping import clock_is_set, machine_boot

log = logging.getLogger(__name__)


def topics(config: Config) -> Topics:
    """Say where everything is published."""
    return Topics(config.mqtt.prefix, config.mqtt.device or socket.gethostname())


def clock(config: Config) -> Clock:
    """Build the clocks."""
    return Clock((lambda: True) if config.mqtt.trust_clock else clock_is_set, machine_boot())


def courier(config: Config, desk: FrontDesk, link: Link | None = None) -> Courier:
    """Build the way to the broker, over ``link`` if given; raise ``PublisherError`` where its settings cannot be used."""
    table = config.mqtt
    durable = table.spool.sync == "always"
    folder = spool(config)
    outbox = Outbox(folder, clock(config), table.queue_messages, durable=durable)
    where = topics(config)
    return Courier(link or Publisher(broker(config)), outbox, folder, desk, where.availability, durable=durable)


def spool(config: Config) -> Spool:
    """Say where events wait on the disk; nothing is opened yet."""
    table = config.mqtt.spool
    durable = table.sync == "always"
    limits = Limits(int(table.max_megabytes * 1e6), table.max_age_hours * 3600.0, durable, room_only(config))
    return Spool(_spool_folder(table.directory), limits, clock(config))


def try_spool(config: Config) -> None:
    """Open the spool and close it again; raise ``SpoolError`` where it cannot be used."""
    folder = spool(config)
    folder.open()
    folder.close()


def desk(config: Config, inbox: Inbox) -> FrontDesk:
    """Build what takes in the messages that come from the broker."""
    return FrontDesk(
        topics(config),
        frozenset(camera.name for camera in config.camera),
        homeassistant(config) if config.mqtt.homeassistant.enabled else None,
        inbox if config.mqtt.commands else None,
        discretion(config),
    )


def discretion(config: Config) -> Discretion:
    """Say how much is told of single faces."""
    return Discretion(room_only(config), config.privacy.min_faces, notice(config))


def broker(config: Config) -> Broker:
    """Say how the broker is reached."""
    table = config.mqtt
    where = topics(config)
    login = Login(
        username=table.username,
        password_file=table.password_file,
        password_credential=table.password_credential,
        tls=table.tls,
        ca_file=table.ca_file,
        client_certificate_file=table.client_certificate_file,
        client_key_file=table.client_key_file,
    )
    return Broker(
        host=table.host,
        port=table.port,
        client_id=table.client_id or device_id(where),
        availability=where.availability,
        login=login,
        protocol=table.protocol,
        keepalive_seconds=table.keepalive_seconds,
        state_expiry_seconds=table.state_expiry_seconds,
        retry_first_seconds=table.retry_first_seconds,
        retry_longest_seconds=table.retry_longest_seconds,
    )


def homeassistant(config: Config) -> HomeAssistant:
    """Say what Home Assistant is told."""
    where = topics(config)
    return HomeAssistant(
        prefix=config.mqtt.homeassistant.discovery_prefix,
        device_id=device_id(where),
        topics=where,
        cameras=tuple(camera.name for camera in config.camera),
        version=__version__,
        commands=config.mqtt.commands,
        room_only=room_only(config),
    )


def device_id(where: Topics) -> str:
    """Derive an id that stays the same over restarts and differs between machines and devices."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except OSError:
        machine = socket.gethostname()
    digest = hashlib.sha256(f"{machine}/{where.prefix}/{where.device}".encode()).hexdigest()
    return f"emotiond-{digest[:12]}"


def _spool_folder(directory: str) -> Path | None:
    """Choose where events wait: as configured, else where systemd lets us; else nowhere but in memory."""
    chosen = directory or os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if not chosen:
        log.info("no [mqtt.spool] directory and no STATE_DIRECTORY: events wait in memory")
    return Path(chosen) if chosen else None
