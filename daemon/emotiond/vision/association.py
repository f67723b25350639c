"""Which detection continues which track: overlap and distance in one cost, and the pairing that costs least."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.native.assign import assign
from emotiond.vision.motion import Guess, Motion
from emotiond.vision.state import Floats

#: A pair is possible up to this many standard deviations of the expected place,
GATE_SIGMAS: Final = 4.0
#: and while neither side differs by more than this factor.
SIZE_FACTOR: Final = 1.9
#: What a pair without any overlap costs over one that overlaps fully.
OVERLAP_COST: Final = 4.0
#: A box with so much of what was expected in it is the same face, larger or smaller by now: what that costs at most.
SAME_OVERLAP: Final = 0.5
GROWN_COST: Final = 8.0
#: A pair that costs more is not made: both are better off alone.
LIMIT: Final = 22.0


def pair(motion: Motion, boxes: Floats, *, min_overlap: float, handicap: Floats, weak: Floats) -> NDArray[np.int64]:
    """Return for each of n tracks the index of its box in f64 (m, 4), or -1: i64 (n,).

    ``handicap``, f64 (n,), is added to the costs of a track, ``weak``, f64 (m,), to those of a box.
    """
    chosen = np.full(len(motion), -1, np.int64)
    if len(motion) and len(boxes):
        cost = _costs(motion, boxes, min_overlap) + handicap[:, None] + weak
        assign(cost, chosen, LIMIT)
    return chosen


def _costs(motion: Motion, boxes: Floats, min_overlap: float) -> Floats:
    """Negative log likelihood of each pair, twice, plus what its overlap lacks: f64 (n, m); endless where impossible."""
    sizes = motion.sizes()
    areas = np.exp(sizes.sum(axis=1))
    found = boxes[:, :2] + boxes[:, 2:] / 2.0
    overlap = overlaps(motion.boxes(), boxes)
    moved, stayed = (_distance(guess, areas, found) for guess in motion.guesses())
    # What overlaps is near enough, however sure the filter was that it would be nearer.
    near = np.where(overlap >= min_overlap, np.minimum(moved, GATE_SIGMAS**2), moved)
    growth = sizes[:, None, :] - np.log(np.maximum(boxes[:, 2:], 1.0))[None, :, :]
    unlike = np.einsum("nmk,nmk->nm", growth, growth) / motion.size_doubts()[:, None]
    # Who walks up to the camera grows faster than a filter can follow, but covers what it expects.
    unlike = np.where(overlap >= SAME_OVERLAP, np.minimum(unlike, GROWN_COST), unlike)
    cost = np.minimum(near, stayed) + unlike + OVERLAP_COST * (1.0 - overlap)
    return np.where(np.abs(growth).max(axis=2) < np.log(SIZE_FACTOR), cost, np.inf)


def _distance(guess: Guess, areas: Floats, found: Floats) -> Floats:
    """Negative log likelihood of centres, twice: f64 (n, m); endless beyond the gate."""
    away = guess.centres[:, None, :] - found[None, :, :]
    distance = np.einsum("nmk,nmk->nm", away, away) / (guess.variances * areas)[:, None]
    return np.where(distance < GATE_SIGMAS**2, distance + guess.costs[:, None], np.inf)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Intersection over union of f64 (n, 4) with f64 (m, 4) boxes (x, y, width, height): f64 (n, m)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, :2] + first[:, None, 2:], second[None, :, :2] + second[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    shared = sides[:, :, 0] * sides[:, :, 1]
    union = (first[:, 2] * first[:, 3])[:, None] + (second[:, 2] * second[:, 3])[None, :] - shared
    overlap: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)
    return overlap
