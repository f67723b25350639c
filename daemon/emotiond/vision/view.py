"""How large a detector sees a picture: as small as the smallest face that is asked for allows, or in tiles."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: The input's sides are multiples of this.
MULTIPLE: Final = 32
#: A picture is never enlarged by more than this.
LARGEST_ZOOM: Final = 4
#: An input of more pixels than this is taken in tiles, so that memory has a ceiling.
LARGEST_INPUT: Final = 9_000_000


@dataclass(frozen=True)
class View:
    """``ratio`` pixels of the picture make one of the input, which is ``width`` x ``height``."""

    ratio: float
    width: int
    height: int


@dataclass(frozen=True)
class Tile:
    """A part of a picture, in its pixels, and the core of it (x0, y0, x1, y1): a face belongs to one core alone."""

    x: int
    y: int
    width: int
    height: int
    core: tuple[float, float, float, float]


def view_of(width: int, height: int, ratio: float) -> View:
    """Return the view of a picture of ``width`` x ``height`` pixels."""
    return View(ratio, _padded(width / ratio), _padded(height / ratio))


def ratio_for(smallest_pixels: float, seen_pixels: float) -> float:
    """Return the ratio at which a face of ``smallest_pixels`` is still as large as ``seen_pixels``.

    Always a whole number or one by a whole number: these cost least and blur least.
    """
    ratio = smallest_pixels / seen_pixels
    if ratio >= 1.0:
        return float(math.floor(ratio))
    return 1.0 / min(math.ceil(1.0 / ratio), LARGEST_ZOOM)


def tiles(width: int, height: int, tile: tuple[int, int], shared: int) -> Iterator[Tile]:
    """Cover a picture with parts of at most ``tile`` (width, height) pixels that share at least ``shared`` pixels."""
    across, down = _spans(width, tile[0], shared), _spans(height, tile[1], shared)
    for y, y_size, top, bottom in down:
        for x, x_size, left, right in across:
            yield Tile(x, y, x_size, y_size, (left, top, right, bottom))


def _padded(side: float) -> int:
    return max(1, math.ceil(math.ceil(side - 1e-9) / MULTIPLE)) * MULTIPLE


def _spans(side: int, tile: int, shared: int) -> list[tuple[int, int, float, float]]:
    """Start and length of each part, and where its core begins and ends; the outermost cores never end."""
    if side <= tile:
        return [(0, side, -math.inf, math.inf)]
    step = max(tile - shared, 1)
    count = math.ceil((side - tile) / step) + 1
    starts = [round(index * (side - tile) / (count - 1)) for index in range(count)]
    borders = [-math.inf, *((a + tile + b) / 2.0 for a, b in itertools.pairwise(starts)), math.inf]
    return [(start, tile, borders[index], borders[index + 1]) for index, start in enumerate(starts)]
