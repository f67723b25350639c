"""Decides what is worth saying and writes it down: scenes and camera reports in, messages out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from emotiond.mqtt.clock import Clock, in_words
from emotiond.mqtt.contract import (
    SCHEMA,
    Answer,
    CameraHealth,
    DeviceState,
    Envelope,
    FaceEvent,
    FacesState,
    FaceState,
    QueueHealth,
    RoomMoment,
    RoomState,
)
from emotiond.mqtt.discretion import OPEN, Discretion
from emotiond.mqtt.topics import Topics
from emotiond.mqtt.wording import by_name, camera_health, faces_of, milliseconds, rounded
from emotiond.records import (
    CameraLoad,
    CameraReport,
    CameraState,
    DeviceHealth,
    Event,
    Moment,
    Request,
    RoomMood,
    Scene,
)

#: Home Assistant knows two states of availability and no third.
COUNT_AS_ONLINE = ("online", "degraded", "paused")
#: ``state`` is said at most this often, unless a state has changed.
STATE_SECONDS = 30.0
#: ``faces`` is said on change, at most this often; and as often as ``state`` without one, so that it does not expire.
FACES_SECONDS = 1.0


@dataclass
class _Said:
    """What was said of one camera last."""

    seq: int = 0
    mood_seconds: float = float("-inf")
    emotion: str | None = ""
    faces_seconds: float = float("-inf")
    faces: tuple[tuple[int | None, str], ...] | None = None
    online: bool | None = None


@dataclass(frozen=True)
class Identity:
    """Who speaks."""

    version: str
    #: Random per start, so that a subscriber notices a restart.
    boot_id: str


@dataclass
class Newsroom:
    """Writes the messages of one device."""

    topics: Topics
    identity: Identity
    mood_interval_seconds: float
    clock: Clock
    discretion: Discretion = OPEN
    _said: dict[str, _Said] = field(default_factory=dict)
    _state_seconds: float = float("-inf")
    _states: tuple[tuple[CameraState, bool], ...] = ()

    def take_over(self, before: Newsroom) -> None:
        """Go on counting where ``before`` stands; every state is said anew, whether it has changed or not."""
        self._said = {camera: _Said(seq=said.seq) for camera, said in before._said.items()}

    def scene(self, scene: Scene) -> list[Envelope]:
        """Write what one frame has brought."""
        camera = scene.frame.camera
        said = self._said.setdefault(camera, _Said())
        envelopes = [*self.events(scene.events), *self._moments(scene.moments)]
        now = self.clock.monotonic()
        room = self._discreet(scene.room)
        emotion = room.mood.emotion if room.mood else None
        if emotion != said.emotion or now - said.mood_seconds >= self.mood_interval_seconds or scene.frame.still:
            said.emotion, said.mood_seconds = emotion, now
            envelopes.append(self._retained(self.topics.mood(camera), self._room_state(room)))
        if self.discretion.room_only:
            return envelopes
        faces = tuple((face.track, face.mood.emotion) for face in scene.faces if not face.rejected)
        if now - said.faces_seconds >= (FACES_SECONDS if faces != said.faces else STATE_SECONDS):
            said.faces, said.faces_seconds = faces, now
            envelopes.append(self._retained(self.topics.faces(camera), self._faces_state(faces_of(scene))))
        return envelopes

    def events(self, events: Iterable[Event]) -> list[Envelope]:
        """Write events, each with its number; none where only the room is told of."""
        envelopes: list[Envelope] = []
        if self.discretion.room_only:
            return envelopes
        for event in events:
            said = self._said.setdefault(event.camera, _Said())
            said.seq += 1
            payload = msgspec.json.encode(self._face_event(event, said.seq))
            envelopes.append(Envelope(self.topics.event(event.camera), payload, retain=False, event=True))
        return envelopes

    def cameras(
        self,
        reports: list[CameraReport],
        loads: Mapping[str, CameraLoad],
        health: Callable[[], DeviceHealth],
        queue: Callable[[], QueueHealth],
    ) -> list[Envelope]:
        """Write the health of the cameras and of the device, when it has changed or is due; only then ask for it."""
        envelopes = []
        for report in reports:
            said = self._said.setdefault(report.camera, _Said())
            online = report.state.value in COUNT_AS_ONLINE
            if online != said.online:
                said.online = online
                word = b"online" if online else b"offline"
                envelopes.append(Envelope(self.topics.camera_availability(report.camera), word, retain=True))
        states = tuple((report.state, loads[report.camera].paused) for report in reports)
        now = self.clock.monotonic()
        if states != self._states or now - self._state_seconds >= STATE_SECONDS:
            self._states, self._state_seconds = states, now
            envelopes.append(self._retained(self.topics.state, self._device_state(reports, loads, health(), queue())))
        return envelopes

    def renew_state(self) -> None:
        """Say the device's state at the next occasion, due or not."""
        self._state_seconds = float("-inf")

    def empty(self, camera: str) -> list[Envelope]:
        """Write that nobody is in view: the camera is away, or paused."""
        said = self._said.setdefault(camera, _Said())
        if not said.faces and said.emotion is None:
            return []
        said.faces, said.faces_seconds = (), self.clock.monotonic()
        said.emotion, said.mood_seconds = None, self.clock.monotonic()
        mood = self._retained(self.topics.mood(camera), self._room_state(RoomMood(0, None)))
        faces = [] if self.discretion.room_only else [self._retained(self.topics.faces(camera), self._faces_state([]))]
        return [*faces, mood]

    def answer(self, request: Request, data: dict[str, Any] | None, error: str | None = None) -> Envelope:
        """Write what became of a request."""
        answer = Answer("error" if error else "ok", data, error, request.transaction)
        asked = request.asked or request.command
        return Envelope(self.topics.response(asked), msgspec.json.encode(answer), retain=False)

    def _retained(self, topic: str, message: msgspec.Struct) -> Envelope:
        return Envelope(topic, msgspec.json.encode(message), retain=True, expires=True)

    def _face_event(self, event: Event, seq: int) -> FaceEvent:
        now = self.clock.now()
        return FaceEvent(
            event_type=event.kind.value,
            camera=event.camera,
            track=event.track,
            emotion=event.mood.emotion,
            confidence=round(event.mood.confidence, 3),
            scores=by_name(event.mood.scores),
            box=rounded(event.box),
            time=in_words(now.wall_seconds),
            seq=seq,
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
            previous=event.previous,
            duration_seconds=None if event.kind == "enter" else round(event.duration_seconds, 3),
            shares={name: round(share, 3) for name, share in event.shares.items()} or None,
            clock="set" if now.clock_set else "unset",
            monotonic_seconds=None if now.clock_set else round(now.monotonic_seconds, 3),
        )

    def _discreet(self, room: RoomMood) -> RoomMood:
        """Return what may be said of the room: too few are nobody."""
        return room if self.discretion.counted(room.faces) else RoomMood(0, None)

    def _moments(self, moments: Iterable[Moment]) -> list[Envelope]:
        return [self._moment(moment) for moment in moments if self.discretion.counted(moment.faces)]

    def _moment(self, moment: Moment) -> Envelope:
        message = RoomMoment(
            emotion=moment.emotion,
            share=round(moment.share, 3),
            rise=round(moment.rise, 3),
            within_seconds=moment.within_seconds,
            faces=moment.faces,
            time=self._time(),
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
        )
        return Envelope(self.topics.moment(moment.camera), msgspec.json.encode(message), retain=False)

    def _room_state(self, room: RoomMood) -> RoomState:
        mood = room.mood
        return RoomState(
            faces=room.faces,
            emotion=mood.emotion if mood else None,
            confidence=round(mood.confidence, 3) if mood else None,
            scores=by_name(mood.scores) if mood else {},
            time=self._time(),
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
        )

    def _faces_state(self, faces: list[FaceState]) -> FacesState:
        return FacesState(faces, self._time(), self.identity.boot_id, SCHEMA)

    def _device_state(
        self,
        reports: list[CameraReport],
        loads: Mapping[str, CameraLoad],
        health: DeviceHealth,
        queue: QueueHealth,
    ) -> DeviceState:
        return DeviceState(
            version=self.identity.version,
            uptime_seconds=round(health.uptime_seconds, 1),
            frames_per_second=round(health.frames_per_second, 1),
            latency_p50_milliseconds=milliseconds(health.latency_p50_seconds),
            latency_p95_milliseconds=milliseconds(health.latency_p95_seconds),
            cpu_celsius=None if health.cpu_celsius is None else round(health.cpu_celsius, 1),
            throttled=health.throttled,
            step=health.step,
            step_reason=health.step_reason,
            cameras={report.camera: self._camera_health(report, loads[report.camera]) for report in reports},
            queue=queue,
            privacy=self.discretion.mode,
            notice=self.discretion.notice,
            time=self._time(),
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
        )

    def _camera_health(self, report: CameraReport, load: CameraLoad) -> CameraHealth:
        return camera_health(report, replace(load, faces=self.discretion.counted(load.faces)))

    def _time(self) -> str:
        return in_words(self.clock.wall())
