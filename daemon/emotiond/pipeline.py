"""What happens to a frame, one line per stage: detect, track, classify, smooth, average."""

from __future__ import annotations

from dataclasses import dataclass

from emotiond.mood.room import room_mood
from emotiond.mood.steady import Steadiness, mood_of
from emotiond.mood.visits import Visits
from emotiond.records import Event, FaceMood, Frame, Scene
from emotiond.vision.classifier import Classifier
from emotiond.vision.detector import Detector
from emotiond.vision.sidecar import Sidecar
from emotiond.vision.tracker import Tracker


@dataclass(frozen=True)
class Lane:
    """What belongs to one camera alone: its tracks and its visits."""

    tracker: Tracker
    visits: Visits


class Pipeline:
    """One detector and one classifier for all cameras, one lane for each; belongs to one thread."""

    def __init__(self, detector: Detector, classifier: Classifier, lanes: dict[str, Lane]) -> None:
        self._detector = detector
        self._classifier = classifier
        self._lanes = lanes

    @property
    def rules(self) -> Sidecar:
        """What the network's sidecar says."""
        return self._classifier.sidecar

    def process(self, frame: Frame) -> Scene:
        """Take a frame through all stages."""
        return self._still(frame) if frame.still else self._moving(frame)

    def end(self, camera: str) -> list[Event]:
        """Let every face of ``camera`` leave: it has gone, or the service stops."""
        lane = self._lanes[camera]
        lane.tracker.reset()
        return lane.visits.end()

    def tune(self, steadiness: Steadiness) -> None:
        """Believe faster or slower from the next frame on."""
        for lane in self._lanes.values():
            lane.visits.tune(steadiness)

    def _moving(self, frame: Frame) -> Scene:
        lane = self._lanes[frame.camera]
        height, width = frame.pixels.shape[:2]
        faces = self._detector.detect(frame)
        tracked = lane.tracker.update(faces, frame.time_seconds)
        readings = self._classifier.read(frame, [track.face.box for track in tracked.seen])
        moods, events = lane.visits.update(tracked.seen, readings, tracked.gone, (width, height), frame.time_seconds)
        return Scene(frame, moods, room_mood(moods), events)

    def _still(self, frame: Frame) -> Scene:
        faces = self._detector.detect(frame)
        readings = self._classifier.read(frame, [face.box for face in faces])
        rules = self._classifier.sidecar
        moods = [
            FaceMood(
                face, mood_of(reading.scores, rules.unknown_below), rejected=reading.not_a_face > rules.reject_above
            )
            for face, reading in zip(faces, readings, strict=True)
        ]
        return Scene(frame, moods, room_mood(moods), [])
