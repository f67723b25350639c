"""Where tracked faces are going: a constant-velocity Kalman filter over all tracks of a camera at once.

All uncertainty is kept as a share of a face's own side, so that one set of numbers fits near and far faces.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Standard deviation of a detector's box, of its centre and of the logarithm of its sides, as shares of the side.
CENTRE_NOISE: Final = 0.04
SIZE_NOISE: Final = 0.035
#: How far sides drift from their last value: standard deviation of their logarithm after one second.
SIZE_DRIFT: Final = 0.06
#: Standard deviation of the speed of a face that was seen once, in sides per second: a walker makes nearly nine.
FIRST_SPEED: Final = 4.0
#: No face is expected to be more uncertain than this many sides, however long it was out of sight.
WIDEST: Final = 2.5
#: A face that stopped where it was seen last is this many sides away from there, and moves on by as many per second.
STAYED_SIDES: Final = 0.45
STAYED_DRIFT: Final = 0.2
#: How fast one that has stopped may have been: standard deviation in sides per second.
STOPPED_SPEED: Final = 1.0
#: Who walked into the picture was beyond its edge so long before.
ENTRY_SECONDS: Final = 1.0
#: Who is at the edge within this time of the last sight is on his way out, within the second where he walks: who sways on a
#: chair near the edge is as fast, but stays, and who walks may be hidden all the way.
EXIT_SECONDS: Final = 0.6
WALKER_EXIT_SECONDS: Final = 3.0
#: He has not stopped there: whoever is found at the edge next has just come.
EXIT_COST: Final = 1e3
#: Who walks is so many sides away from where he was on average in the last so many seconds, and makes at least so many
#: sides per second, one standard deviation taken off.
WALKED_SIDES: Final = 1.3
LATELY_SECONDS: Final = 2.0
WALKING_SPEED: Final = 1.0
#: Who is out of sight for less goes on moving.
HIDDEN_SECONDS: Final = 0.25
#: Columns of the table: centre, velocity in pixels per second, logarithm of the sides, then the variances, the place
#: where it was found last, the seconds since, 1.0 if it was on its way out then, and where it was on average lately.
_CENTRE, _SPEED, _SIZE = slice(0, 2), slice(2, 4), slice(4, 6)
_PLACE, _COVARIANCE, _PACE, _SIZE_VARIANCE = 6, 7, 8, 9
_LAST, _UNSEEN, _LEAVING = slice(10, 12), 12, 13
_LATELY: Final = slice(14, 16)
_COLUMNS: Final = 16


class Guess(NamedTuple):
    """Where n faces may be found."""

    #: f64 (n, 2) in pixels, and the variance of each coordinate as a share of the side, f64 (n,).
    centres: Floats
    variances: Floats
    #: What it costs to believe it, twice a negative log likelihood, f64 (n,): a track of whose place little is known may
    #: not outbid one that is expected exactly there, and one that was fast has seldom stopped.
    costs: Floats


class Motion:
    """The motion of n tracks, one row each, f64 (n, 16); times are given as seconds that have passed."""

    def __init__(self, wander: float) -> None:
        """``wander``: how fast a face changes its speed, in sides per second after one second."""
        self._wander = wander
        self._rows = np.zeros((0, _COLUMNS))
        #: Time that the last step took.
        self.step_seconds = 0.0

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self._rows)

    def take_over(self, before: Motion) -> None:
        """Go on with the tracks of ``before``."""
        self._rows, self.step_seconds = before._rows, before.step_seconds

    def add(self, boxes: Floats) -> None:
        """Append tracks that begin at ``boxes``, f64 (m, 4)."""
        rows = np.zeros((len(boxes), _COLUMNS))
        rows[:, _CENTRE] = boxes[:, :2] + boxes[:, 2:] / 2.0
        rows[:, _LAST] = rows[:, _LATELY] = rows[:, _CENTRE]
        rows[:, _SIZE] = np.log(np.maximum(boxes[:, 2:], 1.0))
        rows[:, _PLACE] = CENTRE_NOISE**2
        rows[:, _PACE] = FIRST_SPEED**2
        rows[:, _SIZE_VARIANCE] = SIZE_NOISE**2
        self._rows = np.concatenate([self._rows, rows])

    def move(self, rows: NDArray[np.intp], places: NDArray[np.intp]) -> None:
        """Let the tracks ``rows``, (m,), go on where the tracks ``places``, (m,), are, all at once."""
        self._rows[rows] = self._rows[places]

    def assume(self, other: Motion, which: NDArray[np.bool_] | NDArray[np.intp]) -> None:
        """Let ``which``, a mask (n,) or rows (m,), be where they are in ``other``."""
        self._rows[which] = other._rows[which]

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Drop the tracks that are not in ``which``, bool (n,)."""
        self._rows = self._rows[which]

    def advance(self, seconds: float) -> None:
        """Move every track on."""
        rows, agitation = self._rows, self._wander**2
        self.step_seconds = seconds
        rows[:, _CENTRE] += rows[:, _SPEED] * seconds
        rows[:, _PLACE] += (
            2.0 * seconds * rows[:, _COVARIANCE] + seconds**2 * rows[:, _PACE] + agitation * seconds**3 / 3.0
        )
        rows[:, _COVARIANCE] += seconds * rows[:, _PACE] + agitation * seconds**2 / 2.0
        rows[:, _PACE] += agitation * seconds
        rows[:, _UNSEEN] += seconds
        rows[:, _SIZE_VARIANCE] += SIZE_DRIFT**2 * seconds

    def shift(self, by: Floats, drift: Floats) -> None:
        """Move every track by the same f64 (2,) pixels: the camera has moved, and with ``drift``, f64 (2,) pixels per second.

        That had been taken for a speed of the faces: they were expected to have moved by it, places of the past were not.
        """
        rows = self._rows
        rows[:, _CENTRE] += by
        rows[:, _SPEED] -= drift
        for past in (_LAST, _LATELY):
            rows[:, past] += by + drift * self.step_seconds

    def correct(self, rows: NDArray[np.intp], boxes: Floats, size_pixels: tuple[int, int]) -> None:
        """Let the tracks ``rows``, (m,), learn that they were found in ``boxes``, f64 (m, 4), of a (width, height) picture."""
        table = self._rows[rows]
        found = boxes[:, :2] + boxes[:, 2:] / 2.0
        _halt(table, found)
        table[:, _LAST] = found
        lately = -np.expm1(-table[:, _UNSEEN] / LATELY_SECONDS)
        table[:, _LATELY] += lately[:, None] * (found - table[:, _LATELY])
        table[:, _UNSEEN] = 0.0
        miss = found - table[:, _CENTRE]
        # A jump that overlap alone explains is taken at its word: the filter was surer than it should have been.
        jumped = _square_sides(miss, table)
        place = np.maximum(table[:, _PLACE], jumped / 9.0)
        doubt = place + CENTRE_NOISE**2
        gain, pace_gain = place / doubt, table[:, _COVARIANCE] / doubt
        table[:, _CENTRE] += gain[:, None] * miss
        table[:, _SPEED] += pace_gain[:, None] * miss
        table[:, _PACE] -= pace_gain * table[:, _COVARIANCE]
        table[:, _COVARIANCE] *= 1.0 - gain
        table[:, _PLACE] = place * (1.0 - gain)
        size_gain = table[:, _SIZE_VARIANCE] / (table[:, _SIZE_VARIANCE] + SIZE_NOISE**2)
        table[:, _SIZE] += size_gain[:, None] * (np.log(np.maximum(boxes[:, 2:], 1.0)) - table[:, _SIZE])
        table[:, _SIZE_VARIANCE] *= 1.0 - size_gain
        horizon = np.where(_walking(table), WALKER_EXIT_SECONDS, EXIT_SECONDS)[:, None]
        table[:, _LEAVING] = _beyond(found + horizon * table[:, _SPEED], size_pixels)
        self._rows[rows] = table

    def centres(self) -> Floats:
        """Expected centres, f64 (n, 2), in pixels."""
        return self._rows[:, _CENTRE]

    def sizes(self) -> Floats:
        """Logarithms of the expected sides, f64 (n, 2)."""
        return self._rows[:, _SIZE]

    def guesses(self) -> tuple[Guess, Guess]:
        """Where a box will be found if its face has moved on, and if it has stayed."""
        rows = self._rows
        moved, stayed = np.minimum(rows[:, _PLACE], WIDEST**2) + CENTRE_NOISE**2, _stayed_variance(rows)
        return (
            Guess(rows[:, _CENTRE], moved, _ignorance(moved)),
            Guess(rows[:, _LAST], stayed, _ignorance(stayed) + self.haste()),
        )

    def haste(self) -> Floats:
        """Return what it costs to believe that each has stopped: twice a negative log likelihood, f64 (n,)."""
        rows = self._rows
        square = _square_sides(rows[:, _SPEED], rows)
        cost: Floats = square / (STOPPED_SPEED**2 + rows[:, _PACE]) + EXIT_COST * rows[:, _LEAVING]
        return cost

    def speeds(self) -> tuple[Floats, Floats]:
        """Velocities f64 (n, 2) in pixels per second, and their variances f64 (n,) in sides per second."""
        return self._rows[:, _SPEED], self._rows[:, _PACE]

    def outside(self, size_pixels: tuple[int, int]) -> NDArray[np.bool_]:
        """Say which are expected beyond the edge of a picture of (width, height), bool (n,).

        Only who was on the way there when found last: the speed of one that was farther inside is an idle sway.
        """
        return np.asarray(_beyond(self._rows[:, _CENTRE], size_pixels) & (self._rows[:, _LEAVING] > 0.0))

    def entering(self, size_pixels: tuple[int, int]) -> NDArray[np.bool_]:
        """Say which were beyond the edge of a picture of (width, height) a moment ago, bool (n,)."""
        rows = self._rows
        return _beyond(rows[:, _CENTRE] - ENTRY_SECONDS * rows[:, _SPEED], size_pixels)

    def unseen_seconds(self) -> Floats:
        """Return the time since each was found last, f64 (n,)."""
        return self._rows[:, _UNSEEN]

    def size_doubts(self) -> Floats:
        """Variances f64 (n,) of the logarithm of the sides of the boxes that will be found."""
        return self._rows[:, _SIZE_VARIANCE] + SIZE_NOISE**2

    def boxes(self) -> Floats:
        """Expected boxes, f64 (n, 4): x, y, width, height in pixels."""
        sides = np.exp(self._rows[:, _SIZE])
        return np.concatenate([self._rows[:, _CENTRE] - sides / 2.0, sides], axis=1)


def _halt(table: Floats, found: Floats) -> None:
    """Let those that are found, at f64 (n, 2), nearer to where they were last than to where they were going have stopped.

    Else what their speed got wrong while they were out of sight would be taken for another speed.
    """
    hidden = table[:, _UNSEEN] > HIDDEN_SECONDS
    nearer = ((found - table[:, _LAST]) ** 2).sum(axis=1) < ((found - table[:, _CENTRE]) ** 2).sum(axis=1)
    stopped = hidden & nearer
    table[stopped, _CENTRE] = table[stopped, _LAST]
    table[stopped, _SPEED] = 0.0
    table[stopped, _COVARIANCE] = 0.0
    table[stopped, _PLACE] = _stayed_variance(table[stopped])
    table[stopped, _PACE] = STOPPED_SPEED**2


def _walking(table: Floats) -> NDArray[np.bool_]:
    away = _square_sides(table[:, _CENTRE] - table[:, _LATELY], table)
    speed = np.sqrt(_square_sides(table[:, _SPEED], table)) - np.sqrt(table[:, _PACE])
    return np.asarray((away > WALKED_SIDES**2) & (speed > WALKING_SPEED))


def _square_sides(vectors: Floats, table: Floats) -> Floats:
    """Squared lengths f64 (n,) of f64 (n, 2) in pixels, measured in the sides of the faces of ``table``."""
    square: Floats = (vectors**2).sum(axis=1) / np.exp(table[:, _SIZE].sum(axis=1))
    return square


def _stayed_variance(rows: Floats) -> Floats:
    """Of one coordinate of a face that stopped where it was found last, as a share of its side: f64 (n,)."""
    variance: Floats = np.minimum(STAYED_SIDES + STAYED_DRIFT * rows[:, _UNSEEN], WIDEST) ** 2
    return variance


def _ignorance(variance: Floats) -> Floats:
    ignorance: Floats = 2.0 * np.log(variance / CENTRE_NOISE**2)
    return ignorance


def _beyond(centres: Floats, size_pixels: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(((centres < 0.0) | (centres > size_pixels)).any(axis=1))
