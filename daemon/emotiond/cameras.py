"""Where cameras are built: from their tables in the configuration to sources, and to the threads that read them."""

from __future__ import annotations

from emotiond.capture.address import source_of
from emotiond.capture.hours import Hours, HoursError
from emotiond.capture.lens import Lens
from emotiond.capture.mailbox import Bell
from emotiond.capture.reader import Patience, Reader, Retry
from emotiond.capture.source import Source, SourceError, Wish
from emotiond.config import Camera, Config, ConfigError

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


def reader(config: Config, camera: Camera, bell: Bell) -> Reader:
    """Build the thread of one camera; raise ``ConfigError`` where it means nothing."""
    return Reader(
        camera.name,
        configured_source(config, camera),
        bell,
        Retry(config.capture.retry_first_seconds, config.capture.retry_longest_seconds),
        realtime=camera.realtime,
        patience=patience(config),
        lens=lens(camera),
        hours=hours(camera),
    )
