"""Who is on the stage of a generated scene: people who sit, and people who walk through the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDTH_PIXELS: Final = 1280
HEIGHT_PIXELS: Final = 720
#: Rows that walkers keep to, as shares of the height: who meets there, crosses.
WALKWAYS: Final = (0.3, 0.5, 0.7)


@dataclass(frozen=True)
class Visit:
    """One stay of one person: from when to when, and the box at each moment between."""

    first: int
    #: f64 (frames, 4): x, y, width, height in pixels, from frame ``first`` on.
    boxes: Floats


def seated(count: int, times: Floats, rng: np.random.Generator) -> list[Visit]:
    """People on a grid of seats, who sway, nod and lean for as long as the scene lasts."""
    columns = max(1, math.ceil(math.sqrt(count * WIDTH_PIXELS / HEIGHT_PIXELS)))
    rows = max(1, math.ceil(count / columns))
    visits = []
    for seat in range(count):
        side = rng.uniform(36.0, 56.0)
        centre = np.array(
            [(seat % columns + 0.5) * WIDTH_PIXELS / columns, (seat // columns + 0.5) * HEIGHT_PIXELS / rows]
        )
        reach = side * rng.uniform(0.2, 0.6, 2)
        pace, phase = rng.uniform(0.5, 2.5, 2), rng.uniform(0.0, 2.0 * math.pi, 2)
        centres = centre + reach * np.sin(pace * times[:, None] + phase)
        sides = side * (1.0 + 0.06 * np.sin(0.7 * times + phase[0]))
        visits.append(Visit(0, _boxes(centres, sides)))
    return visits


def walking(count: int, times: Floats, rng: np.random.Generator) -> list[Visit]:
    """``count`` people at a time who walk through the picture from border to border; each one comes only once."""
    visits = []
    for _ in range(count):
        now = rng.uniform(0.0, 3.0)
        while now < times[-1] - 1.0:
            side = rng.uniform(50.0, 100.0)
            # Widths of a face per second; a brisk walk at right angles to the view makes nearly nine.
            speed = side * rng.uniform(1.5, 5.0)
            lasts = (WIDTH_PIXELS + 2.0 * side) / speed
            frames = np.flatnonzero((times >= now) & (times <= now + lasts))
            if len(frames) > 1:
                along = speed * (times[frames] - now) - side
                x = along if rng.random() < 0.5 else WIDTH_PIXELS - along
                steps = 0.06 * side * np.sin(2.0 * math.pi * 1.8 * times[frames])
                y = HEIGHT_PIXELS * rng.choice(WALKWAYS) + steps
                visits.append(Visit(int(frames[0]), _boxes(np.stack([x, y], axis=1), np.full(len(frames), side))))
            now += lasts + rng.uniform(0.3, 2.0)
    return visits


def shaken(times: Floats, share: float, rng: np.random.Generator) -> Floats:
    """Return by how many pixels a camera that is knocked about moves the picture, f64 (frames, 2)."""
    sway = np.sin(2.0 * math.pi * np.array([2.3, 3.1]) * times[:, None])
    return share * 48.0 * (sway + rng.normal(0.0, 0.3, (len(times), 2)))


def _boxes(centres: Floats, sides: Floats) -> Floats:
    return np.concatenate([centres - sides[:, None] / 2.0, np.stack([sides, sides], axis=1)], axis=1)
