"""What happens to a frame, one line per stage: detect, track, classify, smooth, average."""

from __future__ import annotations

from dataclasses import dataclass

from emotiond.mood.moments import Moments
from emotiond.mood.room import Room, room_mood
from emotiond.mood.steady import Steadiness, mood_of
from emotiond.mood.visits import Visits
from emotiond.records import UNKNOWN, Event, FaceMood, Frame, Mood, Reading, Scene
from emotiond.system.progress import Progress
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
    #: Frames since faces were looked for; None before the first.
    carried: int | None = None

    def take_over(self, before: Lane) -> None:
        """Go on with the tracks and the visits of ``before``; whatever else it remembers is of a moment."""
        self.tracker.take_over(before.tracker)
        self.visits.take_over(before.visits)


class Pipeline:
    """One detector and one classifier for all cameras, one lane for each; belongs to one thread."""

    def __init__(
        self,
        detector: Detector,
        reader: FaceReader,
        lanes: dict[str, Lane],
        detect_every_frames: int = 1,
        progress: Progress | None = None,
    ) -> None:
        self._detector = detector
        #: Is told which stage a frame is in.
        self._progress = progress or Progress()
        self._reader = reader
        self._lanes = lanes
        #: Faces are looked for in every frame of this many; in between, their motion carries them.
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
        lane.carried = None
        return lane.visits.end()

    def take_over(self, before: Pipeline) -> None:
        """Go on with the tracks and visits of ``before``, for every camera that both know."""
        for camera, lane in self._lanes.items():
            if camera in before._lanes:
                lane.take_over(before._lanes[camera])

    def tune(self, steadiness: Steadiness) -> None:
        """Believe faster or slower from the next frame on."""
        for lane in self._lanes.values():
            lane.visits.tune(steadiness)

    def _moving(self, frame: Frame) -> Scene:
        lane = self._lanes[frame.camera]
        height, width = frame.pixels.shape[:2]
        now = frame.time_seconds
        tracked = self._follow(frame, lane)
        readings = self._read(frame, tracked)
        self._progress.at("mood")
        moods, events = lane.visits.update(tracked.seen, readings, tracked.gone, (width, height), now)
        room = lane.room.update(moods, now)
        moments = lane.moments.update(room, now) if lane.moments else []
        return Scene(frame, moods, room, events, moments)

    def _follow(self, frame: Frame, lane: Lane) -> Tracked:
        height, width = frame.pixels.shape[:2]
        if lane.carried is None or lane.carried + 1 >= self.detect_every_frames:
            lane.carried = 0
            self._progress.at("detection")
            faces = self._detector.detect(frame)
            self._progress.at("tracking")
            return lane.tracker.update(faces, (width, height), frame.time_seconds)
        lane.carried += 1
        self._progress.at("tracking")
        return lane.tracker.carry((width, height), frame.time_seconds)

    def _read(self, frame: Frame, tracked: Tracked) -> list[Reading | None]:
        # A hidden face has nothing to say: what stands where it should be is somebody else, or a wall.
        found = [index for index, track in enumerate(tracked.seen) if track.found]
        readings: list[Reading | None] = [None] * len(tracked.seen)
        self._progress.at("classification")
        for index, reading in zip(
            found, self._reader.read(frame, [tracked.seen[index].face.box for index in found]), strict=True
        ):
            readings[index] = reading
        return readings

    def _still(self, frame: Frame) -> Scene:
        self._progress.at("detection")
        faces = self._detector.detect(frame)
        self._progress.at("classification")
        readings = self._reader.read(frame, [face.box for face in faces])
        self._progress.at("mood")
        moods = [
            FaceMood(
                face,
                self._mood_of(reading),
                rejected=reading.not_a_face > self._reader.sidecar.reject_above,
                weight=reading.quality,
            )
            for face, reading in zip(faces, readings, strict=True)
        ]
        return Scene(frame, moods, room_mood(moods), [])

    def _mood_of(self, reading: Reading) -> Mood:
        if reading.quality <= 0.0:
            return Mood(UNKNOWN, float(reading.scores.max()), reading.scores)
        return mood_of(reading.scores, self._reader.sidecar.unknown_below)
