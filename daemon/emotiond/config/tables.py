"""One frozen class per TOML table, every key with a default."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

#: No time is endless: as milliseconds it must still fit into 32 bits.
LARGEST = 1e6
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0, le=LARGEST)]
NotNegative = Annotated[float, Meta(ge=0.0, le=LARGEST)]
Count = Annotated[int, Meta(ge=1)]
#: A level of an MQTT topic.
TopicLevel = Annotated[str, Meta(pattern=r"^[^/+#\x00]+$")]
#: Not one of the words that stand in a camera's place in a device's own topics.
CameraName = Annotated[str, Meta(pattern=r"^(?!(request|response|state|availability)$)[^/+#\x00]+$")]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all tables share: they never change, and they know every one of their keys."""


class Camera(Table, frozen=True):
    """``[[camera]]``: one for each camera."""

    #: Its name in topics, logs and messages.
    name: CameraName = "camera"
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


class Capture(Table, frozen=True):
    """``[capture]``: what holds for every camera."""

    #: How long one read may take before the camera counts as gone.
    timeout_seconds: Positive = 3.0
    #: First pause before a camera is opened again; it doubles up to the second.
    retry_first_seconds: Positive = 1.0
    retry_longest_seconds: Positive = 30.0


class Detector(Table, frozen=True):
    """``[detector]``: who finds the faces."""

    kind: Literal["haar"] = "haar"
    #: The smallest face looked for.
    min_face_pixels: Count = 24
    #: Haar: each step of the search looks for faces this much larger.
    haar_scale_factor: Annotated[float, Meta(gt=1.0, le=LARGEST)] = 1.1
    #: Haar: agreeing windows that make a face.
    haar_neighbours: Annotated[int, Meta(ge=0)] = 5


class Inference(Table, frozen=True):
    """``[inference]``: the classifier and what runs it."""

    #: ``auto`` prefers LiteRT, TFLite's present name, and falls back on tflite-runtime.
    runtime: Literal["auto", "litert", "tflite-runtime"] = "auto"
    #: A ``.tflite`` file with its sidecar ``.json`` beside it; empty takes the one that ships.
    model: str = ""
    threads: Count = 1


class Tracking(Table, frozen=True):
    """``[tracking]``: when two boxes are one face."""

    #: Overlap (intersection over union) from which a detection continues a track.
    min_overlap: Fraction = 0.3
    #: Detections in a row that make a track.
    confirm_detections: Count = 3
    #: How long a face may be out of sight before it has left.
    lost_seconds: NotNegative = 1.5


class MoodTable(Table, frozen=True):
    """``[mood]``: how steady a mood is."""

    #: Time constant of the average over a face's readings.
    time_constant_seconds: Positive = 0.6
    #: How far another emotion must lead before the mood changes.
    change_margin: Fraction = 0.12
    #: How long it must have led.
    change_dwell_seconds: NotNegative = 0.4
    #: The room's mood is published at most this often, unless its emotion changes.
    interval_seconds: Positive = 1.0


class Spool(Table, frozen=True):
    """``[mqtt.spool]``: where events wait while the broker is away."""

    #: Folder of the spool; empty takes the one that systemd gives (``StateDirectory=``), without which events wait in
    #: memory alone.
    directory: str = ""
    #: Beyond either the oldest events are dropped, and counted.
    max_megabytes: Positive = 64.0
    max_age_hours: Positive = 168.0
    #: ``normal`` may lose the last 2 seconds to a ``kill -9``; ``always`` writes each event to the disk before it is
    #: sent, and loses none.
    sync: Literal["normal", "always"] = "normal"


class HomeAssistant(Table, frozen=True):
    """``[mqtt.homeassistant]``: whether and where Home Assistant is told of us."""

    enabled: bool = True
    #: First level of its discovery topics, and of its birth message ``<prefix>/status``.
    discovery_prefix: TopicLevel = "homeassistant"


class Mqtt(Table, frozen=True):
    """``[mqtt]``: the broker."""

    host: str = "localhost"
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    #: ``auto`` speaks version 5, and 3.1.1 to a broker that knows no better.
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    username: str = ""
    #: A file that holds nothing but the password.
    password_file: str = ""
    #: Name of the systemd credential (``LoadCredential=``) that holds the password, used where it is given and no
    #: ``password_file`` is.
    password_credential: str = "mqtt-password"  # noqa: S105 - the name of a file
    tls: bool = False
    #: Certificate of the authority that signed the broker's; empty trusts the system's.
    ca_file: str = ""
    #: Our own certificate and its key, for brokers that ask for one.
    client_certificate_file: str = ""
    client_key_file: str = ""
    #: First level of every topic.
    prefix: TopicLevel = "emotiond"
    #: Second level of every topic; empty takes the host's name.
    device: Annotated[str, Meta(pattern=r"^[^/+#\x00]*$")] = ""
    #: Empty derives one from ``/etc/machine-id``, the prefix and the device.
    client_id: str = ""
    keepalive_seconds: Annotated[int, Meta(ge=5, le=65535)] = 30
    #: First pause before the broker is tried again; it doubles up to the second, with jitter.
    retry_first_seconds: Positive = 1.0
    retry_longest_seconds: Positive = 30.0
    #: Messages kept in memory while neither the broker nor the disk takes them; the oldest are dropped, and counted.
    queue_messages: Count = 10_000
    #: Retained states leave the broker when they have not been renewed for this long (version 5 only).
    state_expiry_seconds: Annotated[int, Meta(ge=60)] = 300
    #: Take requests (pause, resume, reload, ping, info, set) from ``<prefix>/<device>/request/<command>``.
    commands: bool = False
    #: Believe the time of day although neither a clock chip nor the network has confirmed it.
    trust_clock: bool = False
    spool: Spool = Spool()
    homeassistant: HomeAssistant = HomeAssistant()


class Log(Table, frozen=True):
    """``[log]``: what the journal is told."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Table, frozen=True):
    """The whole file."""

    camera: tuple[Camera, ...] = (Camera(),)
    capture: Capture = Capture()
    detector: Detector = Detector()
    inference: Inference = Inference()
    tracking: Tracking = Tracking()
    mood: MoodTable = MoodTable()
    mqtt: Mqtt = Mqtt()
    log: Log = Log()
