"""What one camera gives when it is asked: a picture, its format, its rate, how old its pictures are; or why it does not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emotiond.capture.device import Offer, offers
from emotiond.capture.health import Health
from emotiond.capture.lens import Lens
from emotiond.capture.source import Picture, PictureError, Source, SourceError
from emotiond.capture.v4l2 import V4l2
from emotiond.records import Frame

#: How long pictures are counted, and how many of a finite source are enough.
WATCH_SECONDS: Final = 3.0
ENOUGH_PICTURES: Final = 5
#: A camera may send nothing but damage; it is given so many times the time of a watch.
LONGEST_WATCHES: Final = 3
#: What a reason contains, and what helps against it; the first that fits.
_REMEDIES: Final = (
    ("is it plugged in", "plug it in; `ls /dev/v4l/by-id` shows what there is"),
    ("no permission", "usermod -aG video emotiond, and start the service again"),
    ("another program", "`fuser -v /dev/video*` shows which program uses it"),
    ("use csi:", 'source = "csi:"'),
    ("there is no rpicam-vid", "apt install rpicam-apps-lite"),
    ("no cameras available", "check the ribbon cable; `rpicam-hello --list-cameras` must show it"),
    ("not among what the camera offers", 'format = "auto"'),
    ("refuses the login", "check user and password: rtsp://user:password@address/path"),
    ("knows no such path", "look up the path of the stream in the camera's manual"),
    ("refuses the connection", "check address and port; try the address in VLC"),
    ("no data within", "check address and network; if it plays in VLC, raise capture.timeout_seconds"),
    ("no frame within", "check cable, hub and power; raise capture.timeout_seconds for a slow camera"),
    ("is the lens covered", "uncover the lens, or switch on the light"),
    ("damaged", 'a better cable or network; transport = "tcp"; a lower resolution'),
    ("frozen", "switch the camera off and on"),
    ("has been the same", "switch the camera off and on"),
)


@dataclass(frozen=True)
class Probe:
    """What was found; ``reason`` is empty where all is well, and ``remedy`` then, too."""

    #: The first picture upright and masked, as the stages see it; None where none came.
    frame: Frame | None
    #: Pictures per second over the time of the watch; None where the source keeps no time.
    rate_hz: float | None
    #: Age of the pictures when they came, the middle one; None where the source is not live.
    latency_seconds: float | None
    #: From the order to open to the first picture.
    first_seconds: float | None
    #: What a V4L2 device offers.
    formats: tuple[Offer, ...]
    damaged: int
    reason: str
    remedy: str


def probe(source: Source, camera: str = "camera", lens: Lens | None = None, seconds: float = WATCH_SECONDS) -> Probe:
    """Open ``source``, watch it for ``seconds`` and close it again; never raises for what a camera does."""
    begun = time.monotonic()
    formats = tuple(_offers(source))
    pictures: list[tuple[Picture, float]] = []
    damaged, reason = 0, ""
    health = Health(float("inf"))
    lens = lens or Lens()
    frame: Frame | None = None
    try:
        source.open()
        health.begin(time.monotonic())
        deadline = time.monotonic() + LONGEST_WATCHES * seconds
        while time.monotonic() < deadline and not _enough(source, pictures, damaged, seconds):
            try:
                picture = source.read()
            except PictureError:
                damaged += 1
                health.damaged(time.monotonic())
                continue
            if picture is None:
                break
            now = time.monotonic()
            pixels, form = lens.upright(picture)
            seen = Frame(camera, len(pictures), picture.time_seconds, pixels, picture.name, source.still, form)
            frame = frame or seen
            pictures.append((picture, now))
            health.picture(seen, lens.masked, picture.stream_seconds, now)
    except SourceError as error:
        reason = str(error)
    finally:
        source.close()
    if not reason:
        reason = (health.complaint(time.monotonic()) if source.live else "") or ("" if pictures else "gives no picture")
    return Probe(
        frame=frame,
        rate_hz=_rate(pictures) if source.live else None,
        latency_seconds=_latency(pictures) if source.live else None,
        first_seconds=pictures[0][1] - begun if pictures else None,
        formats=formats,
        damaged=damaged,
        reason=reason,
        remedy=remedy(reason),
    )


def remedy(reason: str) -> str:
    """Return what helps against ``reason``; empty where that is not known."""
    return next((words for part, words in _REMEDIES if part in reason), "")


def _offers(source: Source) -> Sequence[Offer]:
    if not isinstance(source, V4l2):
        return ()
    try:
        return offers(source.device)
    except OSError:
        return ()


def _enough(source: Source, pictures: list[tuple[Picture, float]], damaged: int, seconds: float) -> bool:
    if not source.live:
        return len(pictures) + damaged >= ENOUGH_PICTURES
    # What the camera had ready from before says nothing about its rate: the clock starts with the first picture.
    return bool(pictures) and pictures[-1][1] - pictures[0][1] >= seconds


def _rate(pictures: list[tuple[Picture, float]]) -> float | None:
    if len(pictures) < 2:
        return None
    return (len(pictures) - 1) / max(pictures[-1][1] - pictures[0][1], 1e-6)


def _latency(pictures: list[tuple[Picture, float]]) -> float | None:
    ages = sorted(now - picture.taken_seconds for picture, now in pictures if picture.taken_seconds is not None)
    return ages[len(ages) // 2] if ages else None
