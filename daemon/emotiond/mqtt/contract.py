"""What subscribers receive: one class per message, field by field; the JSON on the wire is exactly this.

The rule for change: a new field or a new member of a list of words is no change, so subscribers skip what they do not
know. A field that goes, or means something else, raises ``SCHEMA``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from emotiond.records import EMOTIONS, UNKNOWN

SCHEMA = 1

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Number = Annotated[int, Meta(ge=0)]
Emotion = Annotated[str, Meta(extra_json_schema={"enum": [*EMOTIONS, UNKNOWN]})]
Scores = Annotated[dict[str, Fraction], Meta(description="Probability of each of the seven emotions.")]
Box = Annotated[
    tuple[Fraction, Fraction, Fraction, Fraction],
    Meta(description="x, y, width, height as fractions of the frame."),
]
Time = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        description="When the message was written: RFC 3339 with milliseconds, UTC.",
    ),
]
BootId = Annotated[str, Meta(min_length=8, description="Random per start of the daemon.")]
Schema = Annotated[int, Meta(ge=1, description="Version of this contract.")]


class Envelope(NamedTuple):
    """One message on its way out."""

    topic: str
    payload: bytes
    #: The broker keeps the newest one for whoever subscribes later.
    retain: bool
    #: An event: may not be lost.
    event: bool = False
    #: A state that is worth nothing once it is no longer renewed.
    expires: bool = False


class FaceEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """``<camera>/event``: something happened to one face.

    ``change`` says that a face is read as another emotion than the one that stood, and otherwise than it usually is.
    Half of the true changes are told within a second; one that is no clear step takes up to five. Every ``enter`` has
    exactly one ``leave``, with the same ``track``.
    """

    event_type: Literal["enter", "change", "leave"]
    camera: str
    track: int
    emotion: Emotion
    confidence: Fraction
    scores: Scores
    box: Box
    time: Time
    #: Counts the camera's events since the start that ``boot_id`` names, from 1, without a gap.
    seq: Annotated[int, Meta(ge=1, description="Counts the camera's events since boot_id, from 1, without a gap.")]
    boot_id: BootId
    schema: Schema
    #: The emotion that stood before; with ``change`` only.
    previous: Emotion | None = None
    #: Seconds since the face entered, by the monotonic clock; with ``change`` and ``leave``.
    duration_seconds: NotNegative | None = None
    #: Share of the visit in each mood; with ``leave`` only.
    shares: dict[str, Fraction] | None = None
    #: Sent late: the broker was away, or slow to acknowledge.
    backfill: bool = False
    #: ``unset``: the device did not know the time of day, ``time`` is wrong, and ``monotonic_seconds`` is right.
    clock: Literal["set", "unset"] = "set"
    #: The device's monotonic clock at ``time``; with ``"clock": "unset"`` only.
    monotonic_seconds: float | None = None


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

    faces: Number
    emotion: Emotion | None
    confidence: Fraction | None
    scores: Scores
    time: Time
    boot_id: BootId
    schema: Schema


class FaceState(msgspec.Struct, frozen=True):
    """One of the faces in ``<camera>/faces``."""

    track: int | None
    emotion: Emotion
    confidence: Fraction
    box: Box


class FacesState(msgspec.Struct, frozen=True):
    """``<camera>/faces``: the faces now in view."""

    faces: list[FaceState]
    time: Time
    boot_id: BootId
    schema: Schema


class CameraHealth(msgspec.Struct, frozen=True):
    """One camera in ``state``."""

    #: ``online``, ``degraded`` and ``paused`` count as online.
    state: Literal["connecting", "online", "degraded", "offline", "paused", "ended"]
    #: Why it is not online; empty otherwise.
    reason: str
    paused: bool
    frames: Number
    #: Frames that nobody had time for, or that came too late.
    dropped: Number
    frames_per_second: NotNegative
    faces: Number
    #: How often each face in view is read, on average over the last frames.
    readings_per_second: NotNegative
    #: Pictures that were damaged and left out.
    damaged: Number = 0
    #: How often the camera was opened again.
    reopened: Number = 0


class QueueHealth(msgspec.Struct, frozen=True):
    """What waits on its way to the broker, in ``state``."""

    #: Messages in memory.
    waiting: Number
    #: Messages that could not be kept until the broker took them.
    dropped: Number
    #: Messages that the broker refused: its access list does not let us.
    refused: Number
    #: Events on disk, their size, and those that had to go since the start because there were too many or too old.
    spooled: Number
    spooled_bytes: Number
    spool_dropped: Number
    #: Why the disk takes nothing now; empty while all is well.
    spool_error: str


class DeviceState(msgspec.Struct, frozen=True):
    """``state``: how the device is."""

    version: str
    uptime_seconds: NotNegative
    frames_per_second: NotNegative
    #: From a frame's capture to its messages, over the last frames; None before the first.
    latency_p50_milliseconds: NotNegative | None
    latency_p95_milliseconds: NotNegative | None
    cpu_celsius: float | None
    #: Whether the machine slows itself down; None where it cannot say.
    throttled: bool | None
    #: How far the work is stepped down for heat or load, 0 not at all, and why.
    step: Number
    step_reason: str
    cameras: dict[str, CameraHealth]
    queue: QueueHealth
    #: Whether single faces are told of, or the room alone.
    privacy: Literal["faces", "room"]
    #: What the law says of the place where the device stands, `[deployment] context`; empty where there is nothing.
    notice: str
    time: Time
    boot_id: BootId
    schema: Schema


class Answer(msgspec.Struct, frozen=True):
    """``response/<command>``: what became of a request."""

    status: Literal["ok", "error"]
    data: dict[str, Any] | None
    error: str | None
    #: What the request gave, word for word.
    transaction: str | int | None
