"""Whether a face that has just come into view is one that was lost a moment ago.

One detection says too little to continue a track that has been out of sight: whoever walks past a hidden face would be
taken for it. Three detections tell a place, a size and a speed; only who fits in all of them is reunited.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.native.assign import assign
from emotiond.vision.motion import Floats, Motion

#: How much a face that is out of sight changes its speed: standard deviation in sides per second, at once and for each
#: second away.
SPEED_DOUBT: Final = 0.6
SPEED_DRIFT: Final = 0.4
#: A pair that costs more is not made: twice the negative log likelihood, place and size and speed together.
LIMIT: Final = 22.0
#: The last boxes of who was covered were partly another's: other sides cost no more than this.
GROWN_COST: Final = 8.0
#: What it costs more to take somebody for lost who has just walked into the picture. Elsewhere nobody begins.
ENTERING_COST: Final = 4.0


def reunite(
    motion: Motion, lost: NDArray[np.intp], come: NDArray[np.intp], size_pixels: tuple[int, int]
) -> list[tuple[int, int]]:
    """Return pairs of a row of ``lost``, (n,), and the row of ``come``, (m,), that continues it.

    ``size_pixels`` is the (width, height) of the picture.
    """
    if not len(lost) or not len(come):
        return []
    return paired(newcomer_costs(motion, lost, motion, come, size_pixels), lost, come)


def paired(cost: Floats, lost: NDArray[np.intp], come: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return the pairs of ``lost``, (n,), and ``come``, (m,), that cost least in all; ``LIMIT`` and more makes none."""
    chosen = np.full(len(lost), -1, np.int64)
    assign(np.ascontiguousarray(cost), chosen, LIMIT)
    return [(int(lost[row]), int(come[column])) for row, column in enumerate(chosen.tolist()) if column >= 0]


def newcomer_costs(
    before: Motion, lost: NDArray[np.intp], motion: Motion, come: NDArray[np.intp], size_pixels: tuple[int, int]
) -> Floats:
    """Return ``costs`` where ``come`` have just come into a picture of (width, height) pixels."""
    cost: Floats = costs(before, lost, motion, come) + ENTERING_COST * motion.entering(size_pixels)[come]
    return cost


def costs(before: Motion, lost: NDArray[np.intp], motion: Motion, come: NDArray[np.intp]) -> Floats:
    """Cost f64 (n, m) of each pair of a row of ``before``, (n,), and one of ``motion``, (m,), that would continue it."""
    moved, stayed = (_cost(before, lost, motion, come, stayed=stayed) for stayed in (False, True))
    return np.minimum(moved, stayed)


def _cost(before: Motion, lost: NDArray[np.intp], motion: Motion, come: NDArray[np.intp], *, stayed: bool) -> Floats:
    """Return the same if the lost faces have moved on, or if they have stayed where they were."""
    guess = before.guesses()[int(stayed)]
    away_seconds = before.unseen_seconds()[lost]
    area = np.exp(before.sizes()[lost].sum(axis=1))
    distance = _square(guess.centres[lost], motion.centres()[come]) / (area * guess.variances[lost])[:, None]
    speeds, doubts = motion.speeds()
    expected = np.zeros((len(lost), 2)) if stayed else before.speeds()[0][lost]
    doubt = (SPEED_DOUBT + SPEED_DRIFT * away_seconds[:, None]) ** 2 + doubts[come][None, :]
    speed = _square(expected, speeds[come]) / (area[:, None] * doubt)
    size = before.size_doubts()[lost][:, None] + motion.size_doubts()[come][None, :]
    growth = np.minimum(_square(before.sizes()[lost], motion.sizes()[come]) / size, GROWN_COST)
    cost: Floats = distance + speed + growth + guess.costs[lost][:, None]
    return cost


def _square(first: Floats, second: Floats) -> Floats:
    away = first[:, None, :] - second[None, :, :]
    square: Floats = np.einsum("nmk,nmk->nm", away, away)
    return square
