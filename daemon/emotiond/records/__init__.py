"""All that the rooms say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.records.frame import Frame as Frame
from emotiond.records.frame import PixelFormat as PixelFormat

#: The seven emotions, in the order of every array of scores.
EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
#: What is said of a face that nobody can read well enough.
UNKNOWN: Final = "unknown"

#: f32 (7,) probabilities in the order of ``EMOTIONS``, summing to one.
Scores = NDArray[np.float32]


class Box(NamedTuple):
    """A rectangle in pixels of its frame; may reach past the frame's edges."""

    x: float
    y: float
    width: float
    height: float

    def inside(self, width: int, height: int) -> Box:
        """Return the part inside a frame of ``width`` x ``height`` pixels."""
        left, top = max(self.x, 0.0), max(self.y, 0.0)
        right, bottom = min(self.x + self.width, width), min(self.y + self.height, height)
        return Box(left, top, max(right - left, 0.0), max(bottom - top, 0.0))

    def fractions_of(self, width: int, height: int) -> Box:
        """Return the part inside a frame of ``width`` x ``height`` pixels, as fractions of it."""
        x, y, wide, high = self.inside(width, height)
        return Box(x / width, y / height, wide / width, high / height)


@dataclass(frozen=True, slots=True)
class Face:
    """What the detector found; the score's scale is the detector's own, higher is surer."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Track:
    """A face followed over time: a position, never an identity."""

    number: int
    #: As it was found in this frame, or where its motion has carried it.
    face: Face
    first_seen_seconds: float
    #: Whether the last detection found it; else it is hidden or was missed, and where it is is a guess.
    found: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What the classifier saw in one face of one frame."""

    scores: Scores
    #: Probability that this is no face at all.
    not_a_face: float
    #: How well the face could be seen, 0..1: its size, its sharpness, how much of it is in the picture. At 0 it was
    #: not read, and the scores say nothing.
    quality: float = 1.0


@dataclass(frozen=True, slots=True)
class Mood:
    """An emotion that stands: one of ``EMOTIONS`` or ``UNKNOWN``, with the scores behind it."""

    emotion: str
    confidence: float
    scores: Scores


@dataclass(frozen=True, slots=True)
class FaceMood:
    """One face in view and its mood; ``track`` is None in a still."""

    face: Face
    mood: Mood
    track: int | None = None
    rejected: bool = False
    #: How much it counts in the mood of the room, 0..1: how well it is seen.
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class RoomMood:
    """The average over all faces in view, each by its weight; no mood where nobody is."""

    faces: int
    mood: Mood | None


class EventKind(StrEnum):
    """What can happen to a face."""

    ENTER = "enter"
    CHANGE = "change"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one face; ``time_seconds`` is of the frame that showed it."""

    kind: EventKind
    camera: str
    track: int
    time_seconds: float
    #: Box of the face as fractions of the frame.
    box: Box
    mood: Mood
    previous: str | None = None
    duration_seconds: float = 0.0
    #: Share of the visit spent in each mood; told when a face leaves.
    shares: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """One emotion of the room rose by ``rise`` within ``within_seconds``."""

    camera: str
    emotion: str
    #: Share of the emotion now, and how much lower it was.
    share: float
    rise: float
    within_seconds: float
    time_seconds: float
    faces: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is known about one frame once the pipeline is through with it."""

    frame: Frame
    faces: list[FaceMood]
    room: RoomMood
    events: list[Event]
    #: Arousing moments of the room; none unless they are asked for.
    moments: list[Moment] = field(default_factory=list)
    #: Faces that were read in this frame.
    readings: int = 0


class CameraState(StrEnum):
    """How a camera is."""

    CONNECTING = "connecting"
    ONLINE = "online"
    #: It sends pictures, but no view of a room: frozen, black or damaged ones.
    DEGRADED = "degraded"
    OFFLINE = "offline"
    #: It is not looked through: on request, or outside its hours.
    PAUSED = "paused"
    #: A finite source that has been read to its end.
    ENDED = "ended"

    @property
    def looks(self) -> bool:
        """Whether pictures come."""
        return self in (CameraState.ONLINE, CameraState.DEGRADED)


@dataclass(frozen=True, slots=True)
class CameraReport:
    """The health of one camera, as often as it is asked for."""

    camera: str
    state: CameraState
    #: Why it is not online; empty otherwise.
    reason: str
    frames: int
    #: Frames that nobody had time for, or that came too late.
    dropped: int
    #: Pictures that were damaged and left out.
    damaged: int = 0
    #: How often it was opened again.
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """How the whole device is, as often as it is asked for."""

    uptime_seconds: float
    frames_per_second: float
    #: From a frame's capture to its messages; None before the first frame.
    latency_p50_seconds: float | None
    latency_p95_seconds: float | None
    #: None where the machine cannot say.
    cpu_celsius: float | None
    throttled: bool | None
    #: How far the work is stepped down for heat or load, 0 not at all, and why.
    step: int = 0
    step_reason: str = ""


@dataclass(frozen=True, slots=True)
class CameraLoad:
    """What the pipeline does for one camera now."""

    frames_per_second: float = 0.0
    faces: int = 0
    paused: bool = False
    #: How often each face in view is read, on average.
    readings_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Tuning:
    """What may change while the daemon runs; None leaves a value as it is."""

    #: Frames of each live camera that are read per second at most; 0 is no limit.
    frames_per_second: float | None = None
    interval_seconds: float | None = None
    change_margin: float | None = None
    change_dwell_seconds: float | None = None
    unknown_below: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Something that a subscriber asks of the daemon; it was found well-formed."""

    command: str
    transaction: str | int | None = None
    cameras: frozenset[str] = frozenset()
    tuning: Tuning = Tuning()
    #: The command's name on the wire, where it differs.
    asked: str = ""
