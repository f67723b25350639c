"""Decides what is worth saying and writes it down: scenes and camera reports in, messages out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from emotiond.mqtt.contract import (
    SCHEMA,
    CameraHealth,
    DeviceState,
    Envelope,
    FaceEvent,
    FacesState,
    FaceState,
    RoomMoment,
    RoomState,
)
from emotiond.mqtt.topics import Topics
from emotiond.records import EMOTIONS, Box, CameraReport, CameraState, Event, Moment, Scene, Scores

#: ``state`` and ``faces`` are said at most this often, unless something has changed.
STATE_SECONDS = 30.0
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
    """Writes the messages of one device; ``clock`` is monotonic, ``wall_clock`` tells the time of day."""

    topics: Topics
    identity: Identity
    mood_interval_seconds: float
    clock: Callable[[], float]
    wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _said: dict[str, _Said] = field(default_factory=dict)
    _state_seconds: float = float("-inf")
    _states: tuple[CameraState, ...] = ()

    def scene(self, scene: Scene) -> list[Envelope]:
        """Write what one frame has brought."""
        camera = scene.frame.camera
        said = self._said.setdefault(camera, _Said())
        envelopes = [*self.events(scene.events), *map(self._moment, scene.moments)]
        now = self.clock()
        room = scene.room
        emotion = room.mood.emotion if room.mood else None
        if emotion != said.emotion or now - said.mood_seconds >= self.mood_interval_seconds or scene.frame.still:
            said.emotion, said.mood_seconds = emotion, now
            envelopes.append(self._retained(self.topics.mood(camera), self._room_state(scene)))
        faces = tuple((face.track, face.mood.emotion) for face in scene.faces)
        if faces != said.faces and now - said.faces_seconds >= FACES_SECONDS:
            said.faces, said.faces_seconds = faces, now
            envelopes.append(self._retained(self.topics.faces(camera), self._faces_state(scene)))
        return envelopes

    def events(self, events: Iterable[Event]) -> list[Envelope]:
        """Write events, each with its number."""
        envelopes = []
        for event in events:
            said = self._said.setdefault(event.camera, _Said())
            said.seq += 1
            message = self._face_event(event, said.seq)
            envelopes.append(Envelope(self.topics.event(event.camera), msgspec.json.encode(message), retain=False))
        return envelopes

    def cameras(
        self, reports: list[CameraReport], frames_per_second: float, uptime_seconds: float, dropped_messages: int
    ) -> list[Envelope]:
        """Write the health of the cameras and of the device, when it has changed or is due."""
        envelopes = []
        for report in reports:
            said = self._said.setdefault(report.camera, _Said())
            online = report.state is CameraState.ONLINE
            if online != said.online:
                said.online = online
                word = b"online" if online else b"offline"
                envelopes.append(Envelope(self.topics.camera_availability(report.camera), word, retain=True))
        states = tuple(report.state for report in reports)
        now = self.clock()
        if states != self._states or now - self._state_seconds >= STATE_SECONDS:
            self._states, self._state_seconds = states, now
            state = self._device_state(reports, frames_per_second, uptime_seconds, dropped_messages)
            envelopes.append(self._retained(self.topics.state, state))
        return envelopes

    def _retained(self, topic: str, message: msgspec.Struct) -> Envelope:
        return Envelope(topic, msgspec.json.encode(message), retain=True)

    def _face_event(self, event: Event, seq: int) -> FaceEvent:
        return FaceEvent(
            event_type=event.kind.value,
            camera=event.camera,
            track=event.track,
            emotion=event.mood.emotion,
            confidence=round(event.mood.confidence, 3),
            scores=by_name(event.mood.scores),
            box=_rounded(event.box),
            time=self._time(),
            seq=seq,
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
            previous=event.previous,
            duration_seconds=None if event.kind == "enter" else round(event.duration_seconds, 3),
            shares={name: round(share, 3) for name, share in event.shares.items()} or None,
        )

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

    def _room_state(self, scene: Scene) -> RoomState:
        mood = scene.room.mood
        return RoomState(
            faces=scene.room.faces,
            emotion=mood.emotion if mood else None,
            confidence=round(mood.confidence, 3) if mood else None,
            scores=by_name(mood.scores) if mood else {},
            time=self._time(),
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
        )

    def _faces_state(self, scene: Scene) -> FacesState:
        height, width = scene.frame.pixels.shape[:2]
        faces = [
            FaceState(
                face.track,
                face.mood.emotion,
                round(face.mood.confidence, 3),
                _rounded(face.face.box.fractions_of(width, height)),
            )
            for face in scene.faces
            if not face.rejected
        ]
        return FacesState(faces, self._time(), self.identity.boot_id, SCHEMA)

    def _device_state(
        self, reports: list[CameraReport], frames_per_second: float, uptime_seconds: float, dropped_messages: int
    ) -> DeviceState:
        return DeviceState(
            version=self.identity.version,
            uptime_seconds=round(uptime_seconds, 1),
            frames_per_second=round(frames_per_second, 1),
            cameras={
                report.camera: CameraHealth(report.state.value, report.reason, report.frames, report.dropped)
                for report in reports
            },
            dropped_messages=dropped_messages,
            time=self._time(),
            boot_id=self.identity.boot_id,
            schema=SCHEMA,
        )

    def _time(self) -> str:
        return self.wall_clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def by_name(scores: Scores) -> dict[str, float]:
    """Return scores under the names of the emotions, to three places."""
    return {emotion: round(float(score), 3) for emotion, score in zip(EMOTIONS, scores, strict=True)}


def _rounded(box: Box) -> tuple[float, float, float, float]:
    x, y, width, height = (round(side, 4) for side in box)
    return x, y, width, height
