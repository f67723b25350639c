"""How detections are scored: against boxes of faces, and against boxes of heads of which many show no face.

Everywhere a box is x0, y0, x1, y1 in pixels, and a row of detections is a box and its score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import Face
from model.boxes import overlaps

Floats = NDArray[np.float64]

#: Pairs from which the convention of a detector's boxes is learned, and pairs that count.
SAME_CONVENTION_OVERLAP: Final = 0.25
HIT_OVERLAP: Final = 0.5
#: A detection that lies on an ignored face by more is neither right nor wrong.
IGNORED_OVERLAP: Final = 0.3
#: Root of a detection's area, as a multiple of the root of its head's.
HEAD_RATIO: Final = (0.3, 1.6)


@dataclass(frozen=True)
class Truth:
    """What one picture shows: ``boxes`` f64 (n, 4) to be found, ``ignored`` f64 (m, 4) that count for nothing."""

    boxes: Floats
    ignored: Floats


@dataclass(frozen=True)
class Curve:
    """All detections of a set, the surest first: ``score`` f64 (n,), ``hit`` bool (n,); ``truths`` were to be found."""

    score: Floats
    hit: NDArray[np.bool_]
    truths: int

    def recall(self) -> Floats:
        """Share of the truths that the first 1..n detections hit."""
        return np.asarray(np.cumsum(self.hit) / max(self.truths, 1), np.float64)

    def precision(self) -> Floats:
        """Share of hits among the first 1..n detections."""
        return np.asarray(np.cumsum(self.hit) / np.arange(1, len(self.hit) + 1), np.float64)

    def thresholds(self) -> NDArray[np.intp]:
        """Where a threshold can cut: detections of one score are told together or not at all."""
        return np.flatnonzero(np.append(self.score[1:] != self.score[:-1], True)) if len(self.score) else _NOWHERE

    def average_precision(self) -> float:
        """Area under the interpolated precision-recall curve."""
        best = np.maximum.accumulate(self.precision()[::-1])[::-1]
        return float((np.diff(self.recall(), prepend=0.0) * best).sum())

    def recall_at_precision(self, least: float) -> tuple[float, float | None]:
        """Return the recall at the lowest threshold with at least this precision, and the threshold."""
        cuts = self.thresholds()
        good = cuts[self.precision()[cuts] >= least]
        return (float(self.recall()[good[-1]]), float(self.score[good[-1]])) if len(good) else (0.0, None)

    def recall_at_false_positives(self, most: int) -> float:
        """Return the recall at the lowest threshold with at most so many false positives in the whole set."""
        cuts = self.thresholds()
        good = cuts[np.cumsum(~self.hit)[cuts] <= most]
        return float(self.recall()[good[-1]]) if len(good) else 0.0


_NOWHERE: Final = np.zeros(0, np.intp)


def corners(faces: list[Face]) -> Floats:
    """Boxes and scores as rows x0, y0, x1, y1, score: f64 (n, 5)."""
    rows = [(b.x, b.y, b.x + b.width, b.y + b.height, score) for b, score in ((f.box, f.score) for f in faces)]
    return np.array(rows, np.float64).reshape(-1, 5)


def face_curve(truths: Sequence[Truth], found: Sequence[Floats]) -> Curve:
    """Score against face boxes, once the detector's boxes are brought to the set's convention."""
    move, scale = _convention(truths, found)
    scores, hits = [np.zeros(0)], [np.zeros(0, np.bool_)]
    for truth, rows in zip(truths, found, strict=True):
        ordered = rows[np.argsort(-rows[:, 4], kind="stable")]
        boxes = _moved(ordered[:, :4], move, scale)
        taken = _greedy(overlaps(boxes, truth.boxes), HIT_OVERLAP)
        on_ignored = overlaps(boxes, truth.ignored).max(axis=1, initial=0.0) > IGNORED_OVERLAP
        counts = (taken >= 0) | ~on_ignored
        scores.append(ordered[counts, 4])
        hits.append(taken[counts] >= 0)
    return _curve(scores, hits, truths)


def head_curve(truths: Sequence[Truth], found: Sequence[Floats]) -> Curve:
    """Score against head boxes: a hit's centre lies in an unused head, and its size fits."""
    scores, hits = [np.zeros(0)], [np.zeros(0, np.bool_)]
    for truth, rows in zip(truths, found, strict=True):
        ordered = rows[np.argsort(-rows[:, 4], kind="stable")]
        centre = (ordered[:, None, :2] + ordered[:, None, 2:4]) / 2.0
        heads = truth.boxes[None]
        inside = ((centre >= heads[..., :2]) & (centre <= heads[..., 2:])).all(axis=2)
        areas = (ordered[:, 2:4] - ordered[:, :2]).prod(axis=1)[:, None]
        ratio = np.sqrt(areas / np.maximum((truth.boxes[:, 2:] - truth.boxes[:, :2]).prod(axis=1), 1e-9)[None])
        fits = inside & (ratio >= HEAD_RATIO[0]) & (ratio <= HEAD_RATIO[1])
        away = np.abs(centre - (heads[..., :2] + heads[..., 2:]) / 2.0).sum(axis=2)
        # The nearest head first: closeness stands in for overlap.
        taken = _greedy(np.where(fits, 1.0 / (1.0 + away), 0.0), 1e-12)
        scores.append(ordered[:, 4])
        hits.append(taken >= 0)
    return _curve(scores, hits, truths)


def _greedy(worth: Floats, least: float) -> NDArray[np.intp]:
    """Let each row, in order, take the free column that is worth most to it and at least ``least``; -1 for none."""
    left = worth.copy()
    taken = np.full(len(worth), -1, np.intp)
    for row in range(len(left) if worth.shape[1] else 0):
        best = int(left[row].argmax())
        if left[row, best] >= least:
            taken[row] = best
            left[:, best] = -1.0
    return taken


def _convention(truths: Sequence[Truth], found: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Median shift of the centre, in sides of the detector's box, and scale of the sides: f64 (2,) each."""
    moves, scales = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for truth, rows in zip(truths, found, strict=True):
        ordered = rows[np.argsort(-rows[:, 4], kind="stable"), :4]
        taken = _greedy(overlaps(ordered, truth.boxes), SAME_CONVENTION_OVERLAP)
        said, real = ordered[taken >= 0], truth.boxes[taken[taken >= 0]]
        sides = said[:, 2:] - said[:, :2]
        moves.append((real[:, :2] + real[:, 2:] - said[:, :2] - said[:, 2:]) / 2.0 / sides)
        scales.append((real[:, 2:] - real[:, :2]) / sides)
    if not sum(map(len, moves)):
        return np.zeros(2), np.ones(2)
    return np.median(np.concatenate(moves), axis=0), np.median(np.concatenate(scales), axis=0)


def _moved(boxes: Floats, move: Floats, scale: Floats) -> Floats:
    sides = boxes[:, 2:] - boxes[:, :2]
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2.0 + move * sides
    return np.concatenate([centre - sides * scale / 2.0, centre + sides * scale / 2.0], axis=1)


def _curve(scores: list[Floats], hits: list[NDArray[np.bool_]], truths: Sequence[Truth]) -> Curve:
    score, hit = np.concatenate(scores), np.concatenate(hits)
    order = np.argsort(-score, kind="stable")
    return Curve(score[order], hit[order], sum(len(truth.boxes) for truth in truths))
