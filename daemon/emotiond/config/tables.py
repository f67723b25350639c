"""One frozen class per TOML table, every key with a default."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from emotiond.config.cameras import Camera, Capture
from emotiond.config.device import Deployment, GovernorTable, Privacy
from emotiond.config.table import LARGEST, Count, Fraction, NotNegative, Positive, Table, TopicLevel, Whole


class Detector(Table, frozen=True):
    """``[detector]``: who finds the faces."""

    #: ``network`` runs ours, or a ``.tflite`` of the same contract; ``yunet`` runs a user's own ``.onnx``.
    kind: Literal["network", "haar", "yunet"] = "network"
    #: The file of the network; empty takes the usual one, a bare name one of those that ship. ``yunet`` needs one.
    model: str = ""
    #: The smallest face looked for; 0 follows the picture: a thirtieth of its height, from 12 to 24 pixels.
    min_face_pixels: Whole = 0
    #: Look for faces in one of this many frames; in between, the motion of each carries it. 1 looks in all, 0 follows
    #: what moves in the picture and how long a look takes; at least twice a second, once where nobody is. Of files that
    #: are read as fast as the machine can, 0 looks at all.
    every_frames: Whole = 0
    #: How often the whole picture is searched for the small faces of the back rows too, at its full size; 0 is never.
    sweep_seconds: NotNegative = 0.0
    #: Haar: each step of the search looks for faces this much larger.
    haar_scale_factor: Annotated[float, Meta(gt=1.0, le=LARGEST)] = 1.1
    #: Haar: agreeing windows that make a face.
    haar_neighbours: Whole = 5


class PipelineTable(Table, frozen=True):
    """``[pipeline]``: how much time a frame has."""

    #: Time in milliseconds that a frame of a camera may take from detection to mood: what is left of it after detection
    #: and tracking goes to the faces whose turn it is. 0 is most of the time between two frames at the cameras' own
    #: rate, shared by all of them. Files that are read as fast as the machine can have no limit.
    budget_ms: NotNegative = 0.0
    #: A face is read at most this often; 0 is no limit. Readings that follow closer say the same again.
    readings_per_second: NotNegative = 10.0
    #: A face that keeps still, and whose mood is beyond doubt, is read at least this often as long as there is time.
    still_readings_per_second: Positive = 4.0


class Inference(Table, frozen=True):
    """``[inference]``: the classifier and what runs it."""

    #: ``auto`` prefers LiteRT, TFLite's present name, and falls back on tflite-runtime.
    runtime: Literal["auto", "litert", "tflite-runtime"] = "auto"
    #: A ``.tflite`` file with its sidecar ``.json`` beside it; empty takes the usual one, a bare name one that ships.
    model: str = ""
    #: Faces are read in this many threads, each with an interpreter of its own; ``auto`` is one for each core, 8 at most.
    threads: Count | Literal["auto"] = "auto"
    #: With ``auto``: leave one core to the rest of the system, where there is more than one.
    spare_core: bool = False
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


class Tracking(Table, frozen=True):
    """``[tracking]``: when two boxes are one face. A track is a position in time; it knows nobody."""

    #: Overlap (intersection over union) from which a detection may continue a track even against all expectation.
    min_overlap: Fraction = 0.3
    #: A weaker detection continues a track that no other one does, and begins none; in a picture by itself it is left
    #: out. On the detector's own scale; 0 takes what the detector itself is sure of.
    sure_score: NotNegative = 0.0
    #: Detections that confirm a track, and let its face enter.
    confirm_detections: Count = 3
    #: How long a track that is not confirmed may miss detections, beyond one.
    unconfirmed_seconds: NotNegative = 0.5
    #: How long a face that is not found stays in view, where its motion has carried it.
    hold_seconds: NotNegative = 0.3
    #: How long a face may be out of sight before it has left.
    lost_seconds: NotNegative = 6.0
    #: The same for a face that was on its way out of the picture.
    outside_seconds: NotNegative = 0.5
    #: How much a face changes its speed within a second, in widths of itself per second.
    wander_widths_per_second: Positive = 1.5


class MoodTable(Table, frozen=True):
    """``[mood]``: how steady a mood is.

    A ``change`` says: a face is read as another emotion than the one that stood, and otherwise than it usually is. The
    greater that step, the sooner it is told.
    """

    #: What a face was read as lately is an average over so long: shorter makes changes sooner and more often false.
    recent_seconds: Positive = 0.2
    #: What a face is usually read as is an average over so long, from the last change on.
    usual_seconds: Positive = 10.0
    #: How far another emotion must lead lately before the mood may change, as a difference of probabilities.
    change_margin: Fraction = 0.5
    #: From how much further than usual on it is a change beyond doubt: 2 is from one emotion for sure to another.
    change_step: Annotated[float, Meta(gt=0.0, le=2.0)] = 1.2
    #: How long such a change must last before it is told,
    change_dwell_seconds: NotNegative = 0.2
    #: and how much longer one that is no step at all: another emotion has crept into the lead.
    slow_change_seconds: NotNegative = 4.0
    #: Time constant of the share of readings that were good enough; a face that cannot be read becomes `unknown`, which
    #: must last as long to come or to go.
    clarity_seconds: Positive = 3.0
    #: How far the confidence must fall below the network's own threshold before a mood that stands is `unknown`.
    unknown_hysteresis: Fraction = 0.15
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

    #: Whether Home Assistant finds the device by itself.
    enabled: bool = True
    #: First level of its discovery topics, and of its birth message ``<prefix>/status``.
    discovery_prefix: TopicLevel = "homeassistant"


class Mqtt(Table, frozen=True):
    """``[mqtt]``: the broker."""

    #: Name or address of the broker.
    host: str = "localhost"
    #: 1883 is usual without TLS, 8883 with it.
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    #: ``auto`` speaks version 5, and 3.1.1 to a broker that knows no better.
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    #: User at the broker; empty logs in as nobody.
    username: str = ""
    #: A file that holds nothing but the password.
    password_file: str = ""
    #: Name of the systemd credential (``LoadCredential=``) that holds the password, used where it is given and no
    #: ``password_file`` is.
    password_credential: str = "mqtt-password"  # noqa: S105 - the name of a file
    #: Speak TLS; the broker's certificate and name are always checked.
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
    #: A broker that has heard nothing for one and a half times as long says that we are offline.
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


class WatchdogTable(Table, frozen=True):
    """``[watchdog]``: how long a stage may be inside one item before it hangs, and systemd starts us again.

    Each is far above what a machine of any use needs, so that a busy one is left alone, and below the unit's
    ``WatchdogSec=`` (20 s), which holds for all the rest. Cameras have no limit here: a silent one is opened again.
    """

    #: One search for faces in one frame: any slower, and nobody could be followed.
    detection_seconds: Positive = 10.0
    #: Telling the faces of one frame apart: arithmetic over a table, no more.
    tracking_seconds: Positive = 5.0
    #: What is believed of the faces of one frame, and of the room: arithmetic as well.
    mood_seconds: Positive = 5.0
    #: Reading the faces of one frame, all of them, in as many batches as they make.
    classification_seconds: Positive = 10.0
    #: Handing over one message. With `[mqtt.spool] sync = "always"` an event waits for the disk, for up to 5 s.
    publishing_seconds: Positive = 10.0


class Log(Table, frozen=True):
    """``[log]``: what the journal is told."""

    #: Nothing below this level is written.
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Table, frozen=True):
    """The whole file."""

    camera: tuple[Camera, ...] = (Camera(),)
    capture: Capture = Capture()
    detector: Detector = Detector()
    pipeline: PipelineTable = PipelineTable()
    inference: Inference = Inference()
    tracking: Tracking = Tracking()
    mood: MoodTable = MoodTable()
    mqtt: Mqtt = Mqtt()
    watchdog: WatchdogTable = WatchdogTable()
    log: Log = Log()
    governor: GovernorTable = GovernorTable()
    privacy: Privacy = Privacy()
    deployment: Deployment = Deployment()
