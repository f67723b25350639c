"""The configuration: one frozen class per TOML table, every key with a default.

``load`` names file, table and key in every error; nothing here touches a camera, a model or a network.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

DEFAULT_PATH = Path("/etc/emotiond/emotiond.toml")

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=1)]
#: A level of an MQTT topic.
TopicLevel = Annotated[str, Meta(pattern=r"^[^/+#\x00]+$")]


class ConfigError(Exception):
    """The configuration cannot be used; the message is one line that names file, table and key."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all tables share: they never change, and they know every one of their keys."""


class Camera(_Table, frozen=True):
    """``[[camera]]``: one for each camera."""

    #: Its name in topics, logs and messages.
    name: TopicLevel = "camera"
    #: ``0`` or ``/dev/video0``; an rtsp:// or http:// address; a video file; a picture or a folder of pictures;
    #: ``synthetic:?faces=5``.
    source: str = "0"
    #: Frame size asked of a V4L2 camera.
    width_pixels: Count = 1280
    height_pixels: Count = 720
    #: Frame rate asked of a V4L2 camera.
    frames_per_second: Positive = 30.0
    #: Play files at the rate they were recorded at; false plays them as fast as the machine can.
    realtime: bool = True


class Capture(_Table, frozen=True):
    """``[capture]``: what holds for every camera."""

    #: How long one read may take before the camera counts as gone.
    timeout_seconds: Positive = 3.0
    #: First pause before a camera is opened again; it doubles up to the second.
    retry_first_seconds: Positive = 1.0
    retry_longest_seconds: Positive = 30.0


class Detector(_Table, frozen=True):
    """``[detector]``: who finds the faces."""

    kind: Literal["haar"] = "haar"
    #: The smallest face looked for.
    min_face_pixels: Count = 24
    #: Look for faces in one of this many frames; in between, the motion of each carries it. 1 looks in all.
    every_frames: Count = 1
    #: Haar: each step of the search looks for faces this much larger.
    haar_scale_factor: Annotated[float, Meta(gt=1.0)] = 1.1
    #: Haar: agreeing windows that make a face.
    haar_neighbours: Annotated[int, Meta(ge=0)] = 5


class Inference(_Table, frozen=True):
    """``[inference]``: the classifier and what runs it."""

    #: ``auto`` prefers LiteRT, TFLite's present name, and falls back on tflite-runtime.
    runtime: Literal["auto", "litert", "tflite-runtime"] = "auto"
    #: A ``.tflite`` file with its sidecar ``.json`` beside it; empty takes the one that ships.
    model: str = ""
    threads: Count = 1
    #: A smaller face is not read and is `unknown`; the network's own limit holds too. At 8 pixels accuracy has halved.
    min_face_pixels: NotNegative = 12.0
    #: From this size on a face counts fully; a smaller one counts as much less as it is smaller.
    full_face_pixels: Positive = 32.0
    #: A face with less of its box in the picture is not read.
    min_visible_share: Fraction = 0.6
    #: A face whose contrast holds less fine detail (0 smooth, 1 noise) is too blurred to be read.
    min_sharpness: Fraction = 0.014
    #: From this sharpness on a face counts fully.
    full_sharpness: Fraction = 0.1


class Tracking(_Table, frozen=True):
    """``[tracking]``: when two boxes are one face. A track is a position in time; it knows nobody."""

    #: Overlap (intersection over union) from which a detection may continue a track even against all expectation.
    min_overlap: Fraction = 0.3
    #: A weaker detection continues a track that no other one does, and begins none; on the detector's own scale.
    sure_score: float = 0.0
    #: Detections that confirm a track, and let its face enter.
    confirm_detections: Count = 3
    #: How long a track that is not confirmed may miss detections, beyond one.
    unconfirmed_seconds: NotNegative = 0.5
    #: How long a face that is not found stays in view, where its motion has carried it.
    hold_seconds: NotNegative = 0.3
    #: How long a face may be out of sight before it has left.
    lost_seconds: NotNegative = 4.0
    #: The same for a face that was on its way out of the picture.
    outside_seconds: NotNegative = 0.5
    #: How much a face changes its speed within a second, in widths of itself per second.
    wander_widths_per_second: Positive = 1.5


class MoodTable(_Table, frozen=True):
    """``[mood]``: how steady a mood is.

    A ``change`` says: for ``change_dwell_seconds`` the readings have spoken for another emotion, together by
    ``change_margin`` more than for the one that stood.
    """

    #: How long a misreading lasts: readings that follow closer are not worth a full one each.
    error_seconds: Positive = 0.2
    #: How long a mood lasts, as far as is known beforehand: longer makes changes rarer and later.
    mood_seconds: Positive = 30.0
    #: Probability that a reading is wrong whatever it says of itself: more makes changes rarer and later.
    reading_doubt: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.05
    #: How far another emotion must lead before the mood changes, as a difference of probabilities.
    change_margin: Fraction = 0.8
    #: How long it must have led.
    change_dwell_seconds: NotNegative = 0.3
    #: Time constant of the share of readings that were good enough; a face that cannot be read becomes `unknown`.
    clarity_seconds: Positive = 1.0
    #: How much the confidence must rise above the network's own threshold before `unknown` ends.
    unknown_hysteresis: Fraction = 0.05
    #: How long an `enter` waits at most for a first mood that is firm.
    enter_wait_seconds: NotNegative = 0.5
    #: Length of the window that the mood of the room is averaged over.
    room_seconds: Positive = 0.5
    #: How far another emotion must lead before the dominant one of the room changes, and for how long.
    room_margin: Fraction = 0.05
    room_dwell_seconds: NotNegative = 0.5
    #: Whether to publish arousing moments: an emotion of the room that rose by `moment_rise` in `moment_seconds`.
    moments: bool = False
    moment_rise: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.3
    moment_seconds: Positive = 2.0
    #: The room's mood is published at most this often, unless its emotion changes.
    interval_seconds: Positive = 1.0


class Mqtt(_Table, frozen=True):
    """``[mqtt]``: the broker."""

    host: str = "localhost"
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    username: str = ""
    #: A file that holds nothing but the password.
    password_file: str = ""
    tls: bool = False
    #: Certificate of the authority that signed the broker's; empty trusts the system's.
    ca_file: str = ""
    #: First level of every topic.
    prefix: TopicLevel = "emotiond"
    #: Second level of every topic; empty takes the host's name.
    device: Annotated[str, Meta(pattern=r"^[^/+#\x00]*$")] = ""
    keepalive_seconds: Annotated[int, Meta(ge=5, le=65535)] = 30
    #: Messages kept in memory while the broker is away; the oldest are dropped, and counted.
    queue_messages: Count = 10_000


class Log(_Table, frozen=True):
    """``[log]``: what the journal is told."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(_Table, frozen=True):
    """The whole file."""

    camera: tuple[Camera, ...] = (Camera(),)
    capture: Capture = Capture()
    detector: Detector = Detector()
    inference: Inference = Inference()
    tracking: Tracking = Tracking()
    mood: MoodTable = MoodTable()
    mqtt: Mqtt = Mqtt()
    log: Log = Log()


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
        raise ConfigError(f"{path}: {_explain(str(error))}") from error
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


def _explain(message: str) -> str:
    """Turn msgspec's words (``… - at `$.mqtt.port```) into ``[mqtt] port: …``."""
    what, _, where = message.partition(" - at `$")
    parts = re.findall(r"\w+", where)
    unknown = re.search(r"unknown field `(.+)`", what)
    table = parts[0] if parts else None
    if unknown:
        return _unknown(unknown[1], table)
    key = " ".join(part for part in parts[1:] if not part.isdigit() and part != "...")
    return f"{_heading(table)}{' ' + key if key else ''}: {what[0].lower()}{what[1:]}"


def _heading(table: str | None) -> str:
    return f"[[{table}]]" if table == "camera" else f"[{table}]"


def _unknown(name: str, table: str | None) -> str:
    kind = {field.name: field.type for field in msgspec.structs.fields(Config)}
    if table is None:
        near = difflib.get_close_matches(name, kind, n=1)
        return f"[{name}]: no such table" + (
            f"; did you mean [{near[0]}]?" if near else f"; there are {', '.join(kind)}"
        )
    owner = Camera if table == "camera" else kind[table]
    keys = [field.name for field in msgspec.structs.fields(owner)]
    near = difflib.get_close_matches(name, keys, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(keys)}"
    return f"{_heading(table)} {name}: no such key{hint}"
