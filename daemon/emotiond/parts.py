"""Where every single stage is built from the configuration."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TypeVar

from msgspec import UnsetType

from emotiond.config import Camera, Config
from emotiond.mood.moments import Arousal, Moments
from emotiond.mood.room import Room, RoomManners
from emotiond.mood.steady import Steadiness
from emotiond.mood.visits import Manners, Visits
from emotiond.pipeline import Lane, Pipeline
from emotiond.system.cores import cores, set_opencv_threads, threads_for
from emotiond.system.progress import Progress
from emotiond.vision import framing
from emotiond.vision.agenda import Agenda
from emotiond.vision.attention import Attention
from emotiond.vision.budget import Budget, Cost
from emotiond.vision.classifier import Classifier, load_classifier
from emotiond.vision.detector import Detector
from emotiond.vision.finder import Finder
from emotiond.vision.haar import Haar
from emotiond.vision.lifecycle import Lifetimes
from emotiond.vision.quality import Eyesight
from emotiond.vision.reader import FaceReader
from emotiond.vision.second import Second
from emotiond.vision.sidecar import SHIPPED, Sidecar
from emotiond.vision.tracker import Tracker
from emotiond.vision.yunet import YuNet

#: Share of the time between two frames that their way from detection to mood may take: capture and MQTT want some, too.
BUDGET_SHARE = 0.8
T = TypeVar("T")


def eyesight(config: Config) -> Eyesight:
    """Build what decides whether a face can be read."""
    table = config.inference
    return Eyesight(
        min_face_pixels=table.min_face_pixels,
        full_face_pixels=table.full_face_pixels,
        min_visible_share=table.min_visible_share,
        min_sharpness=table.min_sharpness,
        full_sharpness=table.full_sharpness,
    )


def classifier(config: Config) -> Classifier:
    """Load the classifier; raise ``ModelError`` or ``RuntimeMissingError`` where that cannot be."""
    table = config.inference
    return load_classifier(classifier_file(config), table.runtime, threads(config), eyesight(config))


def classifier_file(config: Config) -> Path:
    """Say which file the classifier is loaded from."""
    return _network(config.inference.model, SHIPPED)


def _network(name: str, usual: Path) -> Path:
    """Return the file of a network: the usual one without a name, one that ships by its bare name, any by its path."""
    if not name:
        return usual
    shipped = usual.parent / name
    return shipped if Path(name).name == name and shipped.is_file() else Path(name)


def threads(config: Config) -> int:
    """Say how many threads may work at the same time."""
    table = config.inference
    return threads_for(table.threads, cores(), spare_core=table.spare_core)


def detector(config: Config, weakest: float | None = None) -> Detector:
    """Build the detector that the configuration names; raise ``ModelError`` or ``RuntimeMissingError``.

    ``weakest`` lowers the score below which nothing is told, where the detector has one.
    """
    set_opencv_threads(threads(config))
    table = config.detector
    if table.kind == "haar":
        return Haar(table.haar_scale_factor, table.haar_neighbours, table.min_face_pixels)
    if table.kind == "yunet":
        return YuNet(Path(table.model), table.min_face_pixels, weakest)
    return Finder(
        _network(table.model, framing.SHIPPED),
        config.inference.runtime,
        threads(config),
        table.min_face_pixels,
        weakest,
    )


def pipeline(config: Config, weakest: float | None = None) -> Pipeline:
    """Build all stages, with a lane for each camera; ``weakest`` is the score from which a still's faces are shown."""
    return pipeline_of(config, detector(config, weakest), classifier(config), weakest)


def pipeline_of(
    config: Config,
    finder: Detector,
    reader: FaceReader,
    weakest: float | None = None,
    progress: Progress | None = None,
) -> Pipeline:
    """Build the pipeline around a detector and a reader of faces that are there already."""
    cost = Cost()
    asked = second(finder, reader.sidecar)
    sure_scores = (finder.sure_score, asked.sure_score if asked else finder.sure_score)
    lanes = {camera.name: lane(config, camera, reader.sidecar, cost, sure_scores) for camera in config.camera}
    return Pipeline(finder, reader, lanes, cost, still_score=weakest, second=asked, progress=progress)


def second(finder: Detector, rules: Sidecar) -> Second | None:
    """Build what asks the classifier about a still's detections; None unless both networks' sidecars speak of it."""
    if finder.seconded_score is None or rules.second_opinion is None:
        return None
    return Second(rules.second_opinion, finder.seconded_score)


def lane(
    config: Config, camera: Camera, rules: Sidecar, cost: Cost, sure_scores: tuple[float, float] = (0.0, 0.0)
) -> Lane:
    """Build what belongs to one camera alone; ``sure_scores`` are the detector's own, in frames and in stills."""
    table, looks, own = config.mood, config.detector, camera.detector
    visits = Visits(camera.name, Manners(steadiness(config, rules), table.enter_wait_seconds, rules.reject_above))
    room = Room(RoomManners(table.room_seconds, table.room_margin, table.room_dwell_seconds))
    moments = Moments(camera.name, Arousal(table.moment_rise, table.moment_seconds)) if table.moments else None
    agenda = Agenda(config.pipeline.still_readings_per_second, config.pipeline.readings_per_second)
    budget = Budget(budget_seconds(config, camera), cost)
    every_frames = _first_set(own.every_frames, looks.every_frames)
    # Where nobody waits for the next frame, all are looked at: what follows from the clock does not repeat.
    attention = Attention(
        every_frames if budget.limited else max(1, every_frames), _first_set(own.sweep_seconds, looks.sweep_seconds)
    )
    smallest = _first_set(own.min_face_pixels, looks.min_face_pixels)
    wish = _first_set(own.sure_score, config.tracking.sure_score)
    moving, still = (wish or score for score in sure_scores)
    return Lane(_tracker(config, moving), visits, room, agenda, budget, moments, attention, smallest, still)


def _first_set(own: T | UnsetType, common: T) -> T:
    return common if isinstance(own, UnsetType) else own


def budget_seconds(config: Config, camera: Camera) -> float | None:
    """Say how long a frame of ``camera`` may take; None is no limit: nobody waits for its next frame."""
    if not camera.realtime:
        return None
    if config.pipeline.budget_ms:
        return config.pipeline.budget_ms / 1000.0
    sharing = sum(other.realtime for other in config.camera)
    return BUDGET_SHARE / (camera.frames_per_second * sharing)


def steadiness(config: Config, rules: Sidecar) -> Steadiness:
    """Say how slow to believe: the configuration knows the times, the network's sidecar its own doubt."""
    table = config.mood
    return Steadiness(
        recent_seconds=table.recent_seconds,
        usual_seconds=table.usual_seconds,
        change_margin=table.change_margin,
        change_step=table.change_step,
        change_dwell_seconds=table.change_dwell_seconds,
        slow_change_seconds=table.slow_change_seconds,
        clarity_seconds=table.clarity_seconds,
        unknown_below=rules.unknown_below,
        unknown_hysteresis=table.unknown_hysteresis,
    )


def _tracker(config: Config, sure_score: float) -> Tracker:
    table = config.tracking
    lifetimes = Lifetimes(
        confirm_detections=table.confirm_detections,
        hold_seconds=table.hold_seconds,
        lost_seconds=table.lost_seconds,
        outside_seconds=table.outside_seconds,
        unconfirmed_seconds=table.unconfirmed_seconds,
    )
    return Tracker(
        lifetimes,
        min_overlap=table.min_overlap,
        sure_score=sure_score,
        wander=table.wander_widths_per_second,
        # Random per start: a number says nothing about who was here before.
        first_number=secrets.randbelow(900_000) + 100_000,
    )
