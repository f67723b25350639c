"""The tables of the cameras: ``[[camera]]`` and ``[capture]``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from emotiond.config.table import Count, Fraction, NotNegative, Positive, Table, Whole

#: Not one of the words that stand in a camera's place in a device's own topics.
CameraName = Annotated[str, Meta(pattern=r"^(?!(request|response|state|availability)$)[^/+#\x00]+$")]
#: At least three corners.
Polygon = Annotated[tuple[tuple[Fraction, Fraction], ...], Meta(min_length=3)]


class CameraDetector(Table, frozen=True):
    """``[camera.detector]``: how the faces of this camera alone are looked for; what is not set is as for all cameras."""

    #: As in ``[detector]``: the smallest face looked for; 0 follows the picture.
    min_face_pixels: Whole | UnsetType = UNSET
    #: As in ``[detector]``: faces are looked for in one of this many frames; 0 follows what moves.
    every_frames: Whole | UnsetType = UNSET
    #: As in ``[detector]``: how often the whole picture is searched for small faces too; 0 is never.
    sweep_seconds: NotNegative | UnsetType = UNSET
    #: As in ``[tracking]``: no weaker detection begins a face; 0 takes what the detector itself is sure of.
    sure_score: NotNegative | UnsetType = UNSET


class Camera(Table, frozen=True):
    """``[[camera]]``: one for each camera."""

    #: Its name in topics, logs and messages.
    name: CameraName = "camera"
    #: ``0`` or ``/dev/video0`` or ``/dev/v4l/by-id/…``; ``csi:``; an rtsp:// or http:// address; ``-``; a video file; a
    #: picture or a folder of pictures; ``sqlite:///path?table=…``; ``synthetic:?faces=5``. docs/cameras.md has examples.
    source: str = "0"
    #: Frame size asked of a V4L2 or CSI camera.
    width_pixels: Count = 1280
    height_pixels: Count = 720
    #: Frame rate asked of a V4L2 or CSI camera.
    frames_per_second: Positive = 30.0
    #: Play files at the rate they were recorded at; false plays them as fast as the machine can.
    realtime: bool = True
    #: What a V4L2 camera sends; ``auto`` takes raw pixels where it has them at this size and rate, else MJPEG.
    format: Literal["auto", "mjpeg", "yuyv", "nv12", "grey"] = "auto"
    #: How RTSP comes; ``udp`` is for networks that lose nothing.
    transport: Literal["tcp", "udp"] = "tcp"
    #: Decode colours, too: only pictures that a person looks at need them.
    color: bool = False
    #: Degrees to turn the picture clockwise until it is upright.
    rotate: Literal[0, 90, 180, 270] = 0
    #: Swap left and right of the upright picture.
    mirror: bool = False
    #: What must not be seen: polygons, each a list of [x, y] as fractions of the upright picture. Black before anything
    #: looks at the picture.
    masks: tuple[Polygon, ...] = ()
    #: When it may look, such as ["mon-fri 07:30-16:00"], by the local clock; without any, always. It is closed else.
    hours: tuple[str, ...] = ()
    detector: CameraDetector = CameraDetector()


class Capture(Table, frozen=True):
    """``[capture]``: what holds for every camera."""

    #: How long one read may take before the camera counts as gone.
    timeout_seconds: Positive = 3.0
    #: First pause before a camera is opened again; it doubles up to the second.
    retry_first_seconds: Positive = 1.0
    retry_longest_seconds: Positive = 30.0
    #: A picture that stays exactly the same for this long is called frozen. No camera without noise, no room without
    #: anybody is this still; a stream that is encoded may be, for a while.
    frozen_seconds: Positive = 60.0
