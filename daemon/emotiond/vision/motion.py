"""Where tracked faces are going: a constant-velocity Kalman filter over all tracks of a camera at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.vision.state import (
    CENTRE,
    COLUMNS,
    COVARIANCE,
    LAST,
    LATELY,
    LEAVING,
    LIVELY,
    PACE,
    PLACE,
    SIZE,
    SIZE_VARIANCE,
    SPEED,
    STOPPED_SPEED,
    UNSEEN,
    WIDEST,
    Floats,
    begin,
    beyond,
    halt,
    remember,
    square_sides,
    stayed_variance,
)

#: Standard deviation of a detector's box, of its centre and of the logarithm of its sides, as shares of the side.
CENTRE_NOISE: Final = 0.04
SIZE_NOISE: Final = 0.035
#: How far sides drift from their last value: standard deviation of their logarithm after one second.
SIZE_DRIFT: Final = 0.06
#: Standard deviation of the speed of a face that was seen once, in sides per second: a walker makes nearly nine.
FIRST_SPEED: Final = 4.0
#: Who walked into the picture was beyond its edge so long before.
ENTRY_SECONDS: Final = 1.0
#: Who was on his way out has not stopped at the edge: whoever is found there next has just come.
EXIT_COST: Final = 1e3


class Guess(NamedTuple):
    """Where n faces may be found."""

    #: f64 (n, 2) in pixels, and the variance of each coordinate as a share of the side, f64 (n,).
    centres: Floats
    variances: Floats
    #: What it costs to believe it, twice a negative log likelihood, f64 (n,): a track of whose place little is known may
    #: not outbid one that is expected exactly there, and one that was fast has seldom stopped.
    costs: Floats


class Motion:
    """The motion of n tracks, one row each, f64 (n, 17) (``state``); times are given as seconds that have passed."""

    def __init__(self, wander: float) -> None:
        """``wander``: how fast a face changes its speed, in sides per second after one second."""
        self._wander = wander
        self._rows = np.zeros((0, COLUMNS))
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
        rows = begin(boxes)
        rows[:, PLACE] = CENTRE_NOISE**2
        rows[:, PACE] = FIRST_SPEED**2
        rows[:, SIZE_VARIANCE] = SIZE_NOISE**2
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
        rows[:, CENTRE] += rows[:, SPEED] * seconds
        rows[:, PLACE] += (
            2.0 * seconds * rows[:, COVARIANCE] + seconds**2 * rows[:, PACE] + agitation * seconds**3 / 3.0
        )
        rows[:, COVARIANCE] += seconds * rows[:, PACE] + agitation * seconds**2 / 2.0
        rows[:, PACE] += agitation * seconds
        rows[:, UNSEEN] += seconds
        rows[:, SIZE_VARIANCE] += SIZE_DRIFT**2 * seconds

    def shift(self, by: Floats, drift: Floats) -> None:
        """Move every track by the same f64 (2,) pixels: the camera has moved, and with ``drift``, f64 (2,) pixels per second.

        That had been taken for a speed of the faces: they were expected to have moved by it, places of the past were not.
        """
        rows = self._rows
        rows[:, CENTRE] += by
        rows[:, SPEED] -= drift
        for past in (LAST, LATELY):
            rows[:, past] += by + drift * self.step_seconds

    def correct(self, rows: NDArray[np.intp], boxes: Floats, size_pixels: tuple[int, int]) -> None:
        """Let the tracks ``rows``, (m,), learn that they were found in ``boxes``, f64 (m, 4), of a (width, height) picture."""
        table = self._rows[rows]
        found = boxes[:, :2] + boxes[:, 2:] / 2.0
        halt(table, found)
        miss = found - table[:, CENTRE]
        # A jump that overlap alone explains is taken at its word: the filter was surer than it should have been.
        jumped = square_sides(miss, table)
        place = np.maximum(table[:, PLACE], jumped / 9.0)
        doubt = place + CENTRE_NOISE**2
        gain, pace_gain = place / doubt, table[:, COVARIANCE] / doubt
        table[:, CENTRE] += gain[:, None] * miss
        table[:, SPEED] += pace_gain[:, None] * miss
        table[:, PACE] -= pace_gain * table[:, COVARIANCE]
        table[:, COVARIANCE] *= 1.0 - gain
        table[:, PLACE] = place * (1.0 - gain)
        size_gain = table[:, SIZE_VARIANCE] / (table[:, SIZE_VARIANCE] + SIZE_NOISE**2)
        table[:, SIZE] += size_gain[:, None] * (np.log(np.maximum(boxes[:, 2:], 1.0)) - table[:, SIZE])
        table[:, SIZE_VARIANCE] *= 1.0 - size_gain
        remember(table, found, size_pixels)
        self._rows[rows] = table

    def centres(self) -> Floats:
        """Expected centres, f64 (n, 2), in pixels."""
        return self._rows[:, CENTRE]

    def sizes(self) -> Floats:
        """Logarithms of the expected sides, f64 (n, 2)."""
        return self._rows[:, SIZE]

    def guesses(self) -> tuple[Guess, Guess]:
        """Where a box will be found if its face has moved on, and if it has stayed."""
        rows = self._rows
        moved, stayed = np.minimum(rows[:, PLACE], WIDEST**2) + CENTRE_NOISE**2, stayed_variance(rows)
        return (
            Guess(rows[:, CENTRE], moved, _ignorance(moved)),
            Guess(rows[:, LAST], stayed, _ignorance(stayed) + self.haste()),
        )

    def haste(self) -> Floats:
        """Return what it costs to believe that each has stopped: twice a negative log likelihood, f64 (n,)."""
        rows = self._rows
        square = square_sides(rows[:, SPEED], rows)
        cost: Floats = square / (STOPPED_SPEED**2 + rows[:, PACE]) + EXIT_COST * rows[:, LEAVING]
        return cost

    def speeds(self) -> tuple[Floats, Floats]:
        """Velocities f64 (n, 2) in pixels per second, and their variances f64 (n,) in sides per second."""
        return self._rows[:, SPEED], self._rows[:, PACE]

    def liveliness(self) -> Floats:
        """Return the mean squared speed of each, f64 (n,), in sides per second, squared."""
        return self._rows[:, LIVELY]

    def outside(self, size_pixels: tuple[int, int]) -> NDArray[np.bool_]:
        """Say which are expected beyond the edge of a picture of (width, height), bool (n,).

        Only who was on the way there when found last: the speed of one that was farther inside is an idle sway.
        """
        return np.asarray(beyond(self._rows[:, CENTRE], size_pixels) & (self._rows[:, LEAVING] > 0.0))

    def entering(self, size_pixels: tuple[int, int]) -> NDArray[np.bool_]:
        """Say which were beyond the edge of a picture of (width, height) a moment ago, bool (n,)."""
        rows = self._rows
        return beyond(rows[:, CENTRE] - ENTRY_SECONDS * rows[:, SPEED], size_pixels)

    def unseen_seconds(self) -> Floats:
        """Return the time since each was found last, f64 (n,)."""
        return self._rows[:, UNSEEN]

    def size_doubts(self) -> Floats:
        """Variances f64 (n,) of the logarithm of the sides of the boxes that will be found."""
        return self._rows[:, SIZE_VARIANCE] + SIZE_NOISE**2

    def boxes(self) -> Floats:
        """Expected boxes, f64 (n, 4): x, y, width, height in pixels."""
        sides = np.exp(self._rows[:, SIZE])
        return np.concatenate([self._rows[:, CENTRE] - sides / 2.0, sides], axis=1)


def _ignorance(variance: Floats) -> Floats:
    ignorance: Floats = 2.0 * np.log(variance / CENTRE_NOISE**2)
    return ignorance
