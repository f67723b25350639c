"""What happens to a frame, one line per stage: detect, track, classify, smooth, average."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from emotiond.mood.moments import Moments
from emotiond.mood.room import Room, room_mood
from emotiond.mood.steady import Steadiness, mood_of
from emotiond.mood.visits import Visits
from emotiond.records import UNKNOWN, Event, FaceMood, Frame, Mood, Reading, Scene
from emotiond.vision.attention import Attention, Look
from emotiond.vision.detector import Detector
from emotiond.vision.reader import FaceReader
from emotiond.vision.sidecar import Sidecar
from emotiond.vision.tracker import Tracked, Tracker


@dataclass
class Lane:
    """What belongs to one camera alone: its tracks, its visits, its room."""

    tracker: Tracker
    visits: Visits
    room: Room
    #: None where nobody asked for moments.
    moments: Moments | None = None
    #: When faces are looked for.
    attention: Attention = field(default_factory=Attention)


class Pipeline:
    """One detector and one classifier for all cameras, one lane for each; belongs to one thread."""

    def __init__(
        self,
        detector: Detector,
        reader: FaceReader,
        lanes: dict[str, Lane],
        detect_every_frames: int = 1,
        still_score: float | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._detector = detector
        self._reader = reader
        self._lanes = lanes
        #: Detections of a still that are weaker are left out.
        self._still_score = detector.sure_score if still_score is None else still_score
        self._clock = clock
        #: Faces are looked for in every frame of this many; in between, their motion carries them. 0 follows what moves.
        self.detect_every_frames = detect_every_frames

    @property
    def rules(self) -> Sidecar:
        """What the network's sidecar says."""
        return self._reader.sidecar

    def process(self, frame: Frame) -> Scene:
        """Take a frame through all stages."""
        return self._still(frame) if frame.still else self._moving(frame)

    def end(self, camera: str) -> list[Event]:
        """Let every face of ``camera`` leave: it has gone, or the service stops."""
        lane = self._lanes[camera]
        lane.tracker.reset()
        lane.attention.reset()
        return lane.visits.end()

    def tune(self, steadiness: Steadiness) -> None:
        """Believe faster or slower from the next frame on."""
        for lane in self._lanes.values():
            lane.visits.tune(steadiness)

    def _moving(self, frame: Frame) -> Scene:
        lane = self._lanes[frame.camera]
        width, height = frame.width, frame.height
        now = frame.time_seconds
        tracked = self._follow(frame, lane)
        readings = self._read(frame, tracked)
        moods, events = lane.visits.update(tracked.seen, readings, tracked.gone, (width, height), now)
        room = lane.room.update(moods, now)
        moments = lane.moments.update(room, now) if lane.moments else []
        return Scene(frame, moods, room, events, moments)

    def _follow(self, frame: Frame, lane: Lane) -> Tracked:
        width, height = frame.width, frame.height
        look = lane.attention.look(frame, self.detect_every_frames)
        if look is Look.AWAY:
            return lane.tracker.carry((width, height), frame.time_seconds)
        thorough = look is Look.SWEEP
        began = self._clock()
        faces = self._detector.detect(frame, thorough=thorough)
        if not thorough:
            lane.attention.took(self._clock() - began)
        # A face that only a sweep can find is not missed by anything less.
        reach = 0.0 if thorough or not lane.attention.sweeps else self._detector.reach_pixels(frame)
        return lane.tracker.update(faces, (width, height), frame.time_seconds, reach_pixels=reach)

    def _read(self, frame: Frame, tracked: Tracked) -> list[Reading | None]:
        # A hidden face has nothing to say: what stands where it should be is somebody else, or a wall.
        found = [index for index, track in enumerate(tracked.seen) if track.found]
        readings: list[Reading | None] = [None] * len(tracked.seen)
        for index, reading in zip(
            found, self._reader.read(frame, [tracked.seen[index].face.box for index in found]), strict=True
        ):
            readings[index] = reading
        return readings

    def _still(self, frame: Frame) -> Scene:
        faces = [face for face in self._detector.detect(frame) if face.score >= self._still_score]
        readings = self._reader.read(frame, [face.box for face in faces])
        moods = [
            FaceMood(
                face,
                self._mood_of(reading),
                rejected=reading.not_a_face > self._reader.sidecar.reject_above,
                weight=reading.quality,
            )
            for face, reading in zip(faces, readings, strict=True)
        ]
        counted = [mood for mood in moods if mood.face.score >= self._detector.sure_score]
        return Scene(frame, moods, room_mood(counted), [])

    def _mood_of(self, reading: Reading) -> Mood:
        if reading.quality <= 0.0:
            return Mood(UNKNOWN, float(reading.scores.max()), reading.scores)
        return mood_of(reading.scores, self._reader.sidecar.unknown_below)
