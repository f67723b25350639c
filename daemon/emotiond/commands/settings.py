"""The options that several commands share, and what they do to the configuration."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from emotiond.config import DEFAULT_PATH, Camera, Config, load


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
