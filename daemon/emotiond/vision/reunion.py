"""Whether a face that has just come into view is one that was lost a moment ago, or one that another was taken for.

One detection says too little to continue a track that has been out of sight: whoever walks past a hidden face would be
taken for it. Three detections tell a place, a size and a speed; only who fits in all of them is reunited. With a newcomer
all are asked again who are lost or in doubt, and all at once: where a walker has taken a seat's place in a track, the
newcomer who walks on from there is the walker, and who was lost meanwhile sits in the seat.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.native.assign import assign
from emotiond.vision.motion import Motion
from emotiond.vision.state import Floats

#: How much a face that is out of sight changes its speed: standard deviation in sides per second, at once and for each
#: second away.
SPEED_DOUBT: Final = 0.6
SPEED_DRIFT: Final = 0.4
#: And by no more than he used to move, for who sat still does not walk when he comes back: this standard deviation in sides
#: per second, and this share of his mean squared speed.
STILL_SPEED: Final = 0.3
LIVELY_SHARE: Final = 0.2
#: A pair that costs more is not made: twice the negative log likelihood, place and size and speed together.
LIMIT: Final = 22.0
#: The last boxes of who was covered were partly another's: other sides cost no more than this.
GROWN_COST: Final = 8.0
#: What it costs more to take somebody for lost who has just walked into the picture. Elsewhere nobody begins.
ENTERING_COST: Final = 4.0
#: What it costs more to believe that who is in doubt was never who came back,
MARGIN: Final = 3.0
#: and that he is nowhere: he is in sight, whoever he is.
NOWHERE: Final = 1e6


class Moves(NamedTuple):
    """Which tracks go on where others are."""

    #: i64 (m,): each of ``rows`` goes on where the same one of ``places`` is.
    rows: NDArray[np.intp]
    places: NDArray[np.intp]
    #: i64 (k,): the newcomers that were somebody who was lost.
    over: NDArray[np.intp]


def reunite(
    motion: Motion,
    before: Motion,
    in_doubt: NDArray[np.intp],
    lost: NDArray[np.intp],
    come: NDArray[np.intp],
    size_pixels: tuple[int, int],
) -> Moves:
    """Say who the newcomers ``come``, (c,), are, in a picture of (width, height) pixels.

    The tracks ``lost``, (l,), go on in any of their places or of those ``in_doubt``, (d,). These stay where they are, or go
    on in another place that is nearer to where they were expected in ``before``; that may be where somebody lost is, too.
    """
    rows, places = np.concatenate([in_doubt, lost]), np.concatenate([come, in_doubt])
    cost = _costs(before, rows, motion, places)
    seen, missing = cost[: len(in_doubt)], cost[len(in_doubt) :]
    missing[:] = np.minimum(_costs(motion, lost, motion, places), missing + MARGIN)
    cost[:, : len(come)] += ENTERING_COST * motion.entering(size_pixels)[come]
    stays = np.arange(len(in_doubt)), len(come) + np.arange(len(in_doubt))
    seen[stays] = np.minimum(seen[stays], LIMIT) - MARGIN
    seen[seen < LIMIT] -= NOWHERE
    chosen = np.full(len(rows), -1, np.int64)
    assign(cost, chosen, LIMIT)
    placed = chosen >= 0
    return _moves(rows[placed], places[chosen[placed]], in_doubt, come)


def _moves(
    rows: NDArray[np.intp], taken: NDArray[np.intp], in_doubt: NDArray[np.intp], come: NDArray[np.intp]
) -> Moves:
    """Give what ``rows`` have not ``taken`` of the places of those ``in_doubt`` to those of ``come`` who have lost theirs."""
    left, homeless = np.setdiff1d(in_doubt, taken), come[np.isin(come, taken)]
    rows, places = np.concatenate([rows, homeless[: len(left)]]), np.concatenate([taken, left])
    moved = rows != places
    return Moves(rows[moved], places[moved], homeless[len(left) :])


def _costs(before: Motion, lost: NDArray[np.intp], motion: Motion, come: NDArray[np.intp]) -> Floats:
    """Cost f64 (n, m) of each pair of a row of ``before``, (n,), and one of ``motion``, (m,), that would continue it."""
    moved, stayed = (_costs_if(before, lost, motion, come, stayed=stayed) for stayed in (False, True))
    return np.minimum(moved, stayed)


def _costs_if(
    before: Motion, lost: NDArray[np.intp], motion: Motion, come: NDArray[np.intp], *, stayed: bool
) -> Floats:
    """Return the same if the lost faces have moved on, or if they have stayed where they were."""
    guess = before.guesses()[int(stayed)]
    away_seconds = before.unseen_seconds()[lost]
    area = np.exp(before.sizes()[lost].sum(axis=1))
    distance = _square(guess.centres[lost], motion.centres()[come]) / (area * guess.variances[lost])[:, None]
    speeds, doubts = motion.speeds()
    expected = np.zeros((len(lost), 2)) if stayed else before.speeds()[0][lost]
    lively = STILL_SPEED**2 + LIVELY_SHARE * before.liveliness()[lost]
    changed = np.minimum((SPEED_DOUBT + SPEED_DRIFT * away_seconds) ** 2, lively)
    doubt = area[:, None] * (changed[:, None] + doubts[come][None, :])
    speed = _square(expected, speeds[come]) / doubt
    size = before.size_doubts()[lost][:, None] + motion.size_doubts()[come][None, :]
    growth = np.minimum(_square(before.sizes()[lost], motion.sizes()[come]) / size, GROWN_COST)
    cost: Floats = distance + speed + growth + guess.costs[lost][:, None]
    return cost


def _square(first: Floats, second: Floats) -> Floats:
    away = first[:, None, :] - second[None, :, :]
    square: Floats = np.einsum("nmk,nmk->nm", away, away)
    return square
