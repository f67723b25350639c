"""What subscribers receive: one class per message, field by field; the JSON on the wire is exactly this."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

#: Raised when a field changes its meaning or goes; a new field is no change.
SCHEMA = 1


class Envelope(NamedTuple):
    """One message on its way out."""

    topic: str
    payload: bytes
    #: The broker keeps the newest one for whoever subscribes later.
    retain: bool


class FaceEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """``<camera>/event``: something happened to one face.

    ``change`` says that the readings have spoken for another emotion clearly and for a while: ``[mood]
    change_margin`` and ``change_dwell_seconds``; docs/readings.md tells how long that takes. Every ``enter`` has
    exactly one ``leave``, with the same ``track``.
    """

    event_type: Literal["enter", "change", "leave"]
    camera: str
    track: int
    emotion: str
    confidence: float
    scores: dict[str, float]
    #: x, y, width, height as fractions of the frame.
    box: tuple[float, float, float, float]
    #: RFC 3339 with milliseconds, UTC.
    time: str
    #: Counts the camera's events since the start that ``boot_id`` names, without a gap.
    seq: int
    boot_id: str
    schema: int
    #: The emotion that stood before; with ``change`` only.
    previous: str | None = None
    #: Seconds since the face entered; with ``change`` and ``leave``.
    duration_seconds: float | None = None
    #: Share of the visit in each mood; with ``leave`` only.
    shares: dict[str, float] | None = None


class RoomMoment(msgspec.Struct, frozen=True):
    """``<camera>/moment``: one emotion of the room has risen by much within a short time; off unless configured."""

    emotion: str
    #: Its share in the room now, and how far it rose.
    share: float
    rise: float
    within_seconds: float
    faces: int
    time: str
    boot_id: str
    schema: int


class RoomState(msgspec.Struct, frozen=True):
    """``<camera>/mood``: the mood of the room; no emotion while nobody is in view."""

    faces: int
    emotion: str | None
    confidence: float | None
    scores: dict[str, float]
    time: str
    boot_id: str
    schema: int


class FaceState(msgspec.Struct, frozen=True):
    """One of the faces in ``<camera>/faces``."""

    track: int | None
    emotion: str
    confidence: float
    box: tuple[float, float, float, float]


class FacesState(msgspec.Struct, frozen=True):
    """``<camera>/faces``: the faces now in view."""

    faces: list[FaceState]
    time: str
    boot_id: str
    schema: int


class CameraHealth(msgspec.Struct, frozen=True):
    """One camera in ``state``."""

    state: str
    reason: str
    frames: int
    dropped: int


class DeviceState(msgspec.Struct, frozen=True):
    """``state``: how the device is."""

    version: str
    uptime_seconds: float
    frames_per_second: float
    cameras: dict[str, CameraHealth]
    dropped_messages: int
    time: str
    boot_id: str
    schema: int
