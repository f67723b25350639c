"""What a tracker and its moods are worth against the truth of a play."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from emotiond.bench.scene import Play
from emotiond.records import EMOTIONS, Event, EventKind, Scene
from emotiond.vision.association import overlaps

#: From this overlap on a track is on a face.
ON_FACE: Final = 0.5
#: A visit that was there to be seen for less time may go without events.
SHORTEST_VISIT_SECONDS: Final = 2.0
#: A change is looked at where its face can be seen for as long after it.
JUDGED_SECONDS: Final = 3.0


@dataclass
class Score:
    """Sums over one or more plays; the figures are their quotients."""

    face_frames: int = 0
    switches: int = 0
    changes: int = 0
    constant_seconds: float = 0.0
    delays: list[float] = field(default_factory=list)
    visits: int = 0
    whole_visits: int = 0
    strangers: int = 0
    room_error: float = 0.0
    averaged_error: float = 0.0
    frames: int = 0

    def add(self, other: Score) -> None:
        """Take in another play's sums."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def switches_per_thousand(self) -> float:
        """Identity switches per 1,000 face-frames."""
        return 1000.0 * self.switches / max(self.face_frames, 1)

    def changes_per_minute(self) -> float:
        """``change`` events per face and minute on faces that do not change."""
        return 60.0 * self.changes / max(self.constant_seconds, 1e-9)

    def delay_seconds(self) -> float:
        """Median delay of the true changes; one that is never told is endless."""
        return float(np.median(self.delays)) if self.delays else float("nan")

    def missed_changes(self) -> float:
        """Share of the true changes that are never told."""
        return float(np.mean(np.isinf(self.delays))) if self.delays else float("nan")

    def whole(self) -> float:
        """Share of the visits with exactly one enter and one leave."""
        return self.whole_visits / max(self.visits, 1)

    def room(self) -> float:
        """Mean absolute difference of the room's shares."""
        return self.room_error / max(self.frames, 1)

    def averaged(self) -> float:
        """Return the same for the mean of the scores of the faces in view, frame by frame."""
        return self.averaged_error / max(self.frames, 1)


class Judge:
    """Watches one pipeline play one play."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._last: dict[int, int] = {}
        self._held: dict[int, Counter[int]] = {}
        self._events: list[Event] = []
        self._score = Score()

    def watch(self, scene: Scene) -> None:
        """Take in what became of one frame."""
        index = scene.frame.index
        self._events += scene.events
        for column, track in self._match(index, scene).items():
            self._score.switches += self._last.get(column, track) != track
            self._last[column] = track
            self._held.setdefault(track, Counter())[column] += 1
        self._score.face_frames += int(self._play.visible[index].sum())
        here = self._play.present[index]
        if here.any():
            truth = np.bincount(self._play.emotion[index, here], minlength=len(EMOTIONS)) / here.sum()
            told = scene.room.mood.scores if scene.room.mood else np.zeros(len(EMOTIONS))
            self._score.room_error += float(np.abs(truth - told).mean())
            mean = np.mean([face.mood.scores for face in scene.faces] or np.zeros((1, len(EMOTIONS))), axis=0)
            self._score.averaged_error += float(np.abs(truth - mean).mean())
            self._score.frames += 1

    def verdict(self, farewell: list[Event]) -> Score:
        """Return the score, once the last events are told."""
        self._events += farewell
        owner = {track: held.most_common(1)[0][0] for track, held in self._held.items()}
        for column in range(self._play.boxes.shape[1]):
            mine = [event for event in self._events if owner.get(event.track) == column]
            self._visit(column, mine)
            self._changes(column, mine)
        entered = {event.track for event in self._events if event.kind is EventKind.ENTER}
        self._score.strangers = len(entered - owner.keys())
        return self._score

    def _match(self, index: int, scene: Scene) -> dict[int, int]:
        """Map the column of each visible face to the track on it; who held it before keeps it where it can."""
        who = np.flatnonzero(self._play.visible[index])
        if not len(who) or not scene.faces:
            return {}
        overlap = overlaps(self._play.boxes[index, who], np.array([face.face.box for face in scene.faces], np.float64))
        tracks = [face.track for face in scene.faces]
        keeps = np.array([[self._last.get(int(column)) == track for track in tracks] for column in who])
        rank = np.where(overlap >= ON_FACE, overlap + keeps, 0.0)
        matched: dict[int, int] = {}
        used: set[int] = set()
        for flat in np.argsort(-rank, axis=None, kind="stable"):
            row, number = divmod(int(flat), len(tracks))
            if rank[row, number] <= 0.0:
                break
            track = tracks[number]
            if int(who[row]) not in matched and number not in used and track is not None:
                matched[int(who[row])] = track
                used.add(number)
        return matched

    def _visit(self, column: int, mine: list[Event]) -> None:
        seen_seconds = self._play.visible[:, column].sum() / self._play.plot.frames_per_second
        if seen_seconds < SHORTEST_VISIT_SECONDS:
            return
        kinds = Counter(event.kind for event in mine)
        self._score.visits += 1
        self._score.whole_visits += kinds[EventKind.ENTER] == 1 and kinds[EventKind.LEAVE] == 1

    def _changes(self, column: int, mine: list[Event]) -> None:
        told = [event for event in mine if event.kind is EventKind.CHANGE]
        if self._play.constant[column]:
            self._score.changes += len(told)
            self._score.constant_seconds += self._play.present[:, column].sum() / self._play.plot.frames_per_second
            return
        self._score.delays += self._delays(column, mine)

    def _delays(self, column: int, mine: list[Event]) -> list[float]:
        times, emotion = self._play.times, self._play.emotion[:, column]
        visible = self._play.visible[:, column]
        turns = np.flatnonzero(emotion[1:] != emotion[:-1]) + 1
        delays = []
        untils = np.append(times[turns[1:]], np.inf)[: len(turns)]
        for turn, until in zip(turns, untils, strict=True):
            now = times[turn]
            judged = (times >= now) & (times <= now + JUDGED_SECONDS)
            before = [event.mood.emotion for event in mine if event.time_seconds < now]
            new = EMOTIONS[emotion[turn]]
            # Half hidden, too near to the end, or called so by mistake already: no measure of speed.
            if times[-1] < now + JUDGED_SECONDS or visible[judged].mean() < 0.9 or not before or before[-1] == new:
                continue
            after = [
                event.time_seconds - now
                for event in mine
                if now <= event.time_seconds < until and event.mood.emotion == new
            ]
            delays.append(min(after, default=float("inf")))
        return delays
