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
from emotiond.system.progress import Progress
from emotiond.vision.agenda import Agenda, Wish
from emotiond.vision.attention import Attention, Look
from emotiond.vision.budget import Budget, Cost
from emotiond.vision.detector import Detector
from emotiond.vision.reader import FaceReader
from emotiond.vision.second import Second
from emotiond.vision.sidecar import Sidecar
from emotiond.vision.tracker import Tracked, Tracker


@dataclass
class Lane:
    """What belongs to one camera alone: its tracks, its visits, its room, and whose turn it is to be read."""

    tracker: Tracker
    visits: Visits
    room: Room
    agenda: Agenda
    budget: Budget
    #: None where nobody asked for moments.
    moments: Moments | None = None
    #: When faces are looked for,
    attention: Attention = field(default_factory=Attention)
    #: how small ones; None leaves that to the detector;
    min_face_pixels: int | None = None
    #: and from which score on a still's detection is one.
    sure_score: float = 0.0
    #: How sure the mood of each track is; who is not here has none yet.
    confidences: dict[int, float] = field(default_factory=dict)

    def take_over(self, before: Lane) -> None:
        """Go on with the tracks and the visits of ``before``; whatever else it remembers is of a moment."""
        self.tracker.take_over(before.tracker)
        self.visits.take_over(before.visits)


@dataclass
class Laps:
    """Time spent so far in each stage of the frames of all cameras."""

    detect_seconds: float = 0.0
    track_seconds: float = 0.0
    read_seconds: float = 0.0
    mood_seconds: float = 0.0


class Pipeline:
    """One detector and one classifier for all cameras, one lane for each; belongs to one thread.

    ``cost`` learns what one face costs, by ``clock``.
    """

    def __init__(
        self,
        detector: Detector,
        reader: FaceReader,
        lanes: dict[str, Lane],
        cost: Cost,
        still_score: float | None = None,
        second: Second | None = None,
        clock: Callable[[], float] = time.perf_counter,
        progress: Progress | None = None,
    ) -> None:
        self._detector = detector
        #: Is told which stage a frame is in.
        self._progress = progress or Progress()
        self._reader = reader
        self._lanes = lanes
        self._cost = cost
        #: Detections of a still that are weaker are left out; None is what is sure for its camera.
        self._still_score = still_score
        #: What a still's detections are asked besides; None leaves them to the detector.
        self._second = second
        self._clock = clock
        #: Where the time goes.
        self.laps = Laps()

    @property
    def rules(self) -> Sidecar:
        """What the network's sidecar says."""
        return self._reader.sidecar

    def process(self, frame: Frame) -> Scene:
        """Take a frame through all stages."""
        return self._still(frame) if frame.still else self._moving(frame)

    def quiet(self, camera: str) -> bool:
        """Say whether nobody is in view of ``camera`` and nothing moves there: the next frames may as well be blank."""
        lane = self._lanes[camera]
        return lane.attention.quiet and lane.tracker.empty

    def end(self, camera: str) -> list[Event]:
        """Let every face of ``camera`` leave: it has gone, or the service stops."""
        lane = self._lanes[camera]
        lane.tracker.reset()
        lane.attention.reset()
        lane.confidences = {}
        return lane.visits.end()

    def take_over(self, before: Pipeline) -> None:
        """Go on with the tracks and visits of ``before``, for every camera that both know."""
        for camera, lane in self._lanes.items():
            if camera in before._lanes:
                lane.take_over(before._lanes[camera])

    def look_coarser(self, times: int) -> None:
        """Look for faces so many times larger only."""
        self._detector.look_coarser(times)

    def look_rarer(self, times: int) -> None:
        """Look for faces so many times more rarely than the configuration asks for; 1 ends that."""
        for lane in self._lanes.values():
            lane.attention.rarer = times

    def read_rarer(self, times: int) -> None:
        """Read each face so many times more rarely than the configuration asks for; 1 ends that."""
        for lane in self._lanes.values():
            lane.agenda.rarer = times

    def tune(self, steadiness: Steadiness) -> None:
        """Believe faster or slower from the next frame on."""
        for lane in self._lanes.values():
            lane.visits.tune(steadiness)

    def _moving(self, frame: Frame) -> Scene:
        lane = self._lanes[frame.camera]
        if frame.blank and lane.tracker.empty:
            return Scene(frame, [], lane.room.update([], frame.time_seconds), [])
        lane.budget.begin(self._clock())
        width, height = frame.width, frame.height
        now = frame.time_seconds
        tracked = self._follow(frame, lane)
        readings = self._read(frame, lane, tracked)
        self._progress.at("mood")
        began = self._clock()
        moods, events = lane.visits.update(tracked.seen, readings, tracked.gone, (width, height), now)
        lane.confidences = {face.track: face.mood.confidence for face in moods if face.track is not None}
        room = lane.room.update(moods, now, lane.visits.hidden(now))
        moments = lane.moments.update(room, now) if lane.moments else []
        ended = self._clock()
        self.laps.mood_seconds += ended - began
        lane.budget.end(ended)
        return Scene(frame, moods, room, events, moments, sum(reading is not None for reading in readings))

    def _follow(self, frame: Frame, lane: Lane) -> Tracked:
        size_pixels = frame.width, frame.height
        self._progress.at("detection")
        began = self._clock()
        look = lane.attention.look(frame, restless=lane.tracker.restless, empty=lane.tracker.empty)
        if look is Look.AWAY:
            self._progress.at("tracking")
            tracked = lane.tracker.carry(size_pixels, frame.time_seconds)
            self.laps.track_seconds += self._clock() - began
            return tracked
        thorough = look is Look.SWEEP
        faces = self._detector.detect(frame, thorough=thorough, min_face_pixels=lane.min_face_pixels)
        found = self._clock()
        self.laps.detect_seconds += found - began
        if not thorough:
            lane.attention.took(found - began)
        # A face that only a sweep can find is not missed by anything less.
        sees_all = thorough or not lane.attention.sweeps
        reach = 0.0 if sees_all else self._detector.reach_pixels(frame, lane.min_face_pixels)
        self._progress.at("tracking")
        tracked = lane.tracker.update(faces, size_pixels, frame.time_seconds, reach_pixels=reach)
        self.laps.track_seconds += self._clock() - found
        return tracked

    def _read(self, frame: Frame, lane: Lane, tracked: Tracked) -> list[Reading | None]:
        chosen = self._chosen(frame, lane, tracked)
        readings: list[Reading | None] = [None] * len(tracked.seen)
        self._progress.at("classification")
        began = self._clock()
        for index, reading in zip(
            chosen, self._reader.read(frame, [tracked.seen[index].face.box for index in chosen]), strict=True
        ):
            readings[index] = reading
        spent = self._clock() - began
        self.laps.read_seconds += spent
        self._cost.learn(len(chosen), spent)
        return readings

    def _chosen(self, frame: Frame, lane: Lane, tracked: Tracked) -> list[int]:
        # A hidden face has nothing to say: what stands where it should be is somebody else, or a wall.
        found = [index for index, track in enumerate(tracked.seen) if track.found and not frame.blank]
        if not lane.budget.limited:
            return found
        wishes = [
            Wish(track.number, track.face.box, 1.0 - lane.confidences.get(track.number, 0.0))
            for track in (tracked.seen[index] for index in found)
        ]
        affordable = lane.budget.affordable(self._clock())
        return [found[place] for place in lane.agenda.choose(wishes, affordable, frame.time_seconds)]

    def _still(self, frame: Frame) -> Scene:
        self._progress.at("detection")
        lane = self._lanes[frame.camera]
        shown = lane.sure_score if self._still_score is None else self._still_score
        found = self._detector.detect(frame, min_face_pixels=lane.min_face_pixels)
        if self._second is None:
            # No reading moves a score: what is too weak need not be read.
            found = [face for face in found if face.score >= shown]
        self._progress.at("classification")
        readings = self._reader.read(frame, [face.box for face in found])
        self._progress.at("mood")
        faces = [self._second.heard(*both) for both in zip(found, readings, strict=True)] if self._second else found
        moods = [
            FaceMood(
                face,
                self._mood_of(reading),
                rejected=reading.not_a_face > self._reader.sidecar.reject_above,
                weight=reading.quality,
            )
            for face, reading in zip(faces, readings, strict=True)
            if face.score >= shown
        ]
        counted = [mood for mood in moods if mood.face.score >= lane.sure_score]
        return Scene(frame, moods, room_mood(counted), [], readings=len(readings))

    def _mood_of(self, reading: Reading) -> Mood:
        if reading.quality <= 0.0:
            return Mood(UNKNOWN, float(reading.scores.max()), reading.scores)
        return mood_of(reading.scores, self._reader.sidecar.unknown_below)
