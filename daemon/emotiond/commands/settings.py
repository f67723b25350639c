"""The options that several commands share, and what they do to the configuration."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import replace
from pathlib import Path

import msgspec

from emotiond import delivery
from emotiond.config import DEFAULT_PATH, Camera, Config, load
from emotiond.mqtt.attempt import Broker


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add ``--config``."""
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"configuration (default: {DEFAULT_PATH})")


def read_config(path: Path | None) -> Config:
    """Load ``path``; without one, the default file where it exists, else every default."""
    if path is not None:
        return load(path)
    return load(DEFAULT_PATH) if DEFAULT_PATH.exists() else Config()


def with_source(config: Config, source: str | None) -> Config:
    """Put one camera in the place of the configured ones; its other settings are the first camera's."""
    if source is None:
        return config
    first = config.camera[0]
    return msgspec.structs.replace(config, camera=(msgspec.structs.replace(first, source=source),))


def finite_camera(source: str) -> Camera:
    """Return a camera for a file that is read once, as fast as the machine can."""
    return Camera(name="file", source=source, realtime=False)


def add_broker(parser: argparse.ArgumentParser) -> None:
    """Add the options that lead to a broker, in place of what the configuration says."""
    group = parser.add_argument_group("the broker (default: as configured)")
    group.add_argument("--host", metavar="NAME", help="its name or address")
    group.add_argument("--port", type=int, metavar="N", help="its port")
    group.add_argument("--device", metavar="NAME", help="the device, if it is not this one")
    group.add_argument("--username", metavar="NAME", help="who we are to it")
    group.add_argument("--password-file", metavar="FILE", help="a file that holds the password and nothing else")


def with_broker(config: Config, arguments: argparse.Namespace) -> Config:
    """Put what the options say in the place of what is configured."""
    names = ("host", "port", "device", "username", "password_file")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    return msgspec.structs.replace(config, mqtt=msgspec.structs.replace(config.mqtt, **given))


def visitor(config: Config, what: str) -> Broker:
    """Say how the broker is reached by one who only looks in: under a client id of its own, and without a last will."""
    broker = delivery.broker(config)
    # The daemon must not be thrown out, nor two who look in throw out each other.
    return replace(broker, client_id=f"{broker.client_id}-{what}-{secrets.token_hex(3)}", availability="")
