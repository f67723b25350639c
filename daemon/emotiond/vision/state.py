"""What is known of the tracks of a camera, one row each, and what can be read off that: who walks, stops or is lively.

All uncertainty is kept as a share of a face's own side, so that one set of numbers fits near and far faces.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Columns of the table: centre, velocity in pixels per second, logarithm of the sides, then the variances, the place
#: where it was found last, the seconds since, 1.0 if it was on its way out then, where it was on average lately, and how
#: lively it is: its mean squared speed, in sides per second, of the last ``LIVELY_SECONDS``.
CENTRE, SPEED, SIZE = slice(0, 2), slice(2, 4), slice(4, 6)
PLACE, COVARIANCE, PACE, SIZE_VARIANCE = 6, 7, 8, 9
LAST, UNSEEN, LEAVING = slice(10, 12), 12, 13
LATELY: Final = slice(14, 16)
LIVELY: Final = 16
COLUMNS: Final = 17

#: No face is expected to be more uncertain than this many sides, however long it was out of sight.
WIDEST: Final = 2.5
#: A face that stopped where it was seen last is this many sides away from there, and moves on by as many per second.
STAYED_SIDES: Final = 0.45
STAYED_DRIFT: Final = 0.2
#: How fast one that has stopped may have been: standard deviation in sides per second.
STOPPED_SPEED: Final = 1.0
#: Who is at the edge within this time of the last sight is on his way out, within the second where he walks: who sways on a
#: chair near the edge is as fast, but stays, and who walks may be hidden all the way.
EXIT_SECONDS: Final = 0.6
WALKER_EXIT_SECONDS: Final = 3.0
#: Who walks is so many sides away from where he was on average in the last so many seconds, and makes at least so many
#: sides per second, one standard deviation taken off.
WALKED_SIDES: Final = 1.3
LATELY_SECONDS: Final = 2.0
WALKING_SPEED: Final = 1.0
#: Who is out of sight for less goes on moving.
HIDDEN_SECONDS: Final = 0.25
#: How long it takes to learn how lively a face is, and what is believed before, in sides per second, squared.
LIVELY_SECONDS: Final = 10.0
FIRST_LIVELY: Final = 4.0


def begin(boxes: Floats) -> Floats:
    """Return the table of faces that were found for the first time, in f64 (n, 4) boxes; all variances are 0."""
    table = np.zeros((len(boxes), COLUMNS))
    table[:, CENTRE] = boxes[:, :2] + boxes[:, 2:] / 2.0
    table[:, LAST] = table[:, LATELY] = table[:, CENTRE]
    table[:, SIZE] = np.log(np.maximum(boxes[:, 2:], 1.0))
    table[:, LIVELY] = FIRST_LIVELY
    return table


def halt(table: Floats, found: Floats) -> None:
    """Let those that are found, at f64 (n, 2), nearer to where they were last than to where they were going have stopped.

    Else what their speed got wrong while they were out of sight would be taken for another speed.
    """
    hidden = table[:, UNSEEN] > HIDDEN_SECONDS
    nearer = ((found - table[:, LAST]) ** 2).sum(axis=1) < ((found - table[:, CENTRE]) ** 2).sum(axis=1)
    stopped = hidden & nearer
    table[stopped, CENTRE] = table[stopped, LAST]
    table[stopped, SPEED] = 0.0
    table[stopped, COVARIANCE] = 0.0
    table[stopped, PLACE] = stayed_variance(table[stopped])
    table[stopped, PACE] = STOPPED_SPEED**2


def remember(table: Floats, found: Floats, size_pixels: tuple[int, int]) -> None:
    """Keep what was seen of faces that move as ``table`` says and were found at f64 (n, 2) of a (width, height) picture."""
    away_seconds, square = table[:, UNSEEN], square_sides(table[:, SPEED], table)
    table[:, LATELY] += -np.expm1(-away_seconds / LATELY_SECONDS)[:, None] * (found - table[:, LATELY])
    table[:, LIVELY] += -np.expm1(-away_seconds / LIVELY_SECONDS) * (square - table[:, LIVELY])
    table[:, LAST], table[:, UNSEEN] = found, 0.0
    away = square_sides(table[:, CENTRE] - table[:, LATELY], table)
    walks = (away > WALKED_SIDES**2) & (np.sqrt(square) - np.sqrt(table[:, PACE]) > WALKING_SPEED)
    horizon = np.where(walks, WALKER_EXIT_SECONDS, EXIT_SECONDS)[:, None]
    table[:, LEAVING] = beyond(found + horizon * table[:, SPEED], size_pixels)


def stayed_variance(table: Floats) -> Floats:
    """Of one coordinate of a face that stopped where it was found last, as a share of its side: f64 (n,)."""
    variance: Floats = np.minimum(STAYED_SIDES + STAYED_DRIFT * table[:, UNSEEN], WIDEST) ** 2
    return variance


def square_sides(vectors: Floats, table: Floats) -> Floats:
    """Squared lengths f64 (n,) of f64 (n, 2) in pixels, measured in the sides of the faces of ``table``."""
    square: Floats = (vectors**2).sum(axis=1) / np.exp(table[:, SIZE].sum(axis=1))
    return square


def beyond(centres: Floats, size_pixels: tuple[int, int]) -> NDArray[np.bool_]:
    """Say which of f64 (n, 2) are outside a picture of (width, height) pixels, bool (n,)."""
    return np.asarray(((centres < 0.0) | (centres > size_pixels)).any(axis=1))
