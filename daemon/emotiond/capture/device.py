"""What a V4L2 device says of itself: its driver, its formats, and under which lasting name it is known."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

#: Of the kernel's linux/videodev2.h: numbers and sizes of the requests, and how their structures lie in memory.
_ENUM_FMT: Final = (3, 2, struct.Struct("III32s4s16x"))
_ENUM_FRAMESIZES: Final = (3, 74, struct.Struct("I4sIII16x8x"))
_ENUM_FRAMEINTERVALS: Final = (3, 75, struct.Struct("I4sIIIII16x8x"))
_CAPTURE: Final = 1
_DISCRETE: Final = 1
#: Names that drivers of bare sensors go by, such as those of a Raspberry Pi's camera connector.
_SENSORS: Final = ("unicam", "rp1-cfe", "bcm2835-isp", "pispbe", "rpi-hevc")
#: Where udev keeps names that stay the same whichever number a camera gets.
BY_ID: Final = Path("/dev/v4l/by-id")
SYSFS: Final = Path("/sys/class/video4linux")
#: In this order: what needs no decoding is best, gray before colour.
RAW: Final = {"grey": "GREY", "nv12": "NV12", "yuyv": "YUYV"}
FOURCC: Final = {**RAW, "mjpeg": "MJPG"}


class Offer(NamedTuple):
    """One format at one size; the size 0 x 0 stands for any, the rate 0 for one that is not told."""

    fourcc: str
    width: int
    height: int
    rate_hz: float


def offers(device: Path) -> list[Offer]:
    """List what ``device`` offers, without disturbing whoever uses it; raise ``OSError`` where it does not answer."""
    fd = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        return [offer for (_, _, _, _, code) in _each(fd, _ENUM_FMT, _CAPTURE) for offer in _sizes(fd, code)]
    finally:
        os.close(fd)


def chosen(found: Sequence[Offer], wanted: str, width: int, height: int, rate_hz: float) -> str | None:
    """Return the FourCC to ask for: of the wanted format, or where that is ``auto`` the cheapest that is fast enough.

    None where the device has nothing that can be read.
    """
    codes = {offer.fourcc for offer in found}
    if wanted != "auto":
        return FOURCC[wanted] if FOURCC[wanted] in codes else None
    for code in RAW.values():
        for offer in found:
            fits = offer.fourcc == code and (offer.width, offer.height) in ((width, height), (0, 0))
            if fits and (offer.rate_hz == 0.0 or offer.rate_hz >= 0.9 * rate_hz):
                return code
    return next((code for code in ("MJPG", *RAW.values()) if code in codes), None)


def is_sensor(device: Path, sysfs: Path = SYSFS) -> bool:
    """Say whether ``device`` is the bare sensor of a CSI camera: it gives no picture that anybody could look at."""
    try:
        name = (sysfs / device.resolve().name / "name").read_text(encoding="utf-8")
    except OSError:
        return False
    return name.strip().startswith(_SENSORS)


def lasting_name(device: Path, by_id: Path = BY_ID) -> Path | None:
    """Return the link that udev keeps for ``device``; None where there is none."""
    if not by_id.is_dir():
        return None
    place = device.resolve()
    return next((link for link in sorted(by_id.iterdir()) if link.resolve() == place), None)


def _sizes(fd: int, code: bytes) -> Iterator[Offer]:
    name = code.decode("ascii", "replace")
    nothing = True
    for _, _, kind, width, height in _each(fd, _ENUM_FRAMESIZES, code):
        nothing = False
        if kind != _DISCRETE:
            yield Offer(name, 0, 0, 0.0)
            return
        rates = [
            denominator / max(numerator, 1)
            for *_, sort, numerator, denominator in _each(fd, _ENUM_FRAMEINTERVALS, code, width, height)
            if sort == _DISCRETE
        ]
        yield Offer(name, width, height, max(rates, default=0.0))
    if nothing:
        yield Offer(name, 0, 0, 0.0)


def _each(fd: int, request: tuple[int, int, struct.Struct], *keys: int | bytes) -> Iterator[tuple[Any, ...]]:
    """Ask for one after the other, from 0, until there is none."""
    direction, number, layout = request
    code = direction << 30 | layout.size << 16 | ord("V") << 8 | number
    for index in range(1000):
        blank = list(layout.unpack(bytes(layout.size)))
        blank[: len(keys) + 1] = [index, *keys]
        try:
            answer = fcntl.ioctl(fd, code, layout.pack(*blank))
        except OSError:
            return
        yield layout.unpack(answer)
