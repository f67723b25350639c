"""The configuration: one file, read once; ``load`` names file, table and key in every error.

Nothing here touches a camera, a model or a network.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from emotiond.config.cameras import Camera, CameraDetector, Capture
from emotiond.config.complaint import explain
from emotiond.config.device import Deployment, GovernorTable, Privacy
from emotiond.config.privacy import refusal
from emotiond.config.tables import (
    Config,
    Detector,
    HomeAssistant,
    Inference,
    Log,
    MoodTable,
    Mqtt,
    PipelineTable,
    Spool,
    Tracking,
    WatchdogTable,
)

__all__ = [
    "DEFAULT_PATH",
    "Camera",
    "CameraDetector",
    "Capture",
    "Config",
    "ConfigError",
    "Deployment",
    "Detector",
    "GovernorTable",
    "HomeAssistant",
    "Inference",
    "Log",
    "MoodTable",
    "Mqtt",
    "PipelineTable",
    "Privacy",
    "Spool",
    "Tracking",
    "WatchdogTable",
    "load",
]
DEFAULT_PATH: Final = Path("/etc/emotiond/emotiond.toml")


class ConfigError(Exception):
    """The configuration cannot be used; the message is one line that names file, table and key."""


def load(path: Path) -> Config:
    """Read ``path``; raise ``ConfigError`` with one line that says what is wrong, where, and what to do."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read: {reason}") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    try:
        config = msgspec.convert(tables, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {explain(str(error))}") from error
    _check(config, path)
    return config


def _check(config: Config, path: Path) -> None:
    if not config.camera:
        raise ConfigError(f"{path}: [[camera]]: at least one is needed")
    names = [camera.name for camera in config.camera]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f'{path}: [[camera]] name: "{name}" is given twice; every camera needs its own')
    if config.capture.retry_longest_seconds < config.capture.retry_first_seconds:
        raise ConfigError(f"{path}: [capture] retry_longest_seconds: must not be below retry_first_seconds")
    if config.mqtt.retry_longest_seconds < config.mqtt.retry_first_seconds:
        raise ConfigError(f"{path}: [mqtt] retry_longest_seconds: must not be below retry_first_seconds")
    if bool(config.mqtt.client_certificate_file) != bool(config.mqtt.client_key_file):
        raise ConfigError(f"{path}: [mqtt] client_certificate_file, client_key_file: one needs the other")
    if not config.mqtt.tls and (config.mqtt.ca_file or config.mqtt.client_certificate_file):
        raise ConfigError(f"{path}: [mqtt] tls: is false, and ca_file or client_certificate_file is given; set it true")
    _check_device(config, path)


def _check_device(config: Config, path: Path) -> None:
    if config.governor.cool_celsius >= config.governor.hot_celsius:
        raise ConfigError(f"{path}: [governor] cool_celsius: must be below hot_celsius")
    if config.governor.quiet_share >= config.governor.busy_share:
        raise ConfigError(f"{path}: [governor] quiet_share: must be below busy_share")
    if refusal(config):
        raise ConfigError(f"{path}: {refusal(config)}")
