"""From seconds to the columns of a picture: every source after the other, or all of it by the time of day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS
from emotiond.report.second import ReportError, Second

#: Columns of a picture at most; more would be narrower than a dot.
MOST_COLUMNS: Final = 600
#: What lasts longer without a second is a gap: the camera was away.
GAP_SECONDS: Final = 5.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """Equally wide columns; where nobody was in view the shares are zero."""

    #: f64 (n + 1,): the edges of the columns, in seconds since the first, or since 1970 where ``of_day``.
    edges: Floats
    #: f64 (n, 7), in the order of EMOTIONS.
    shares: Floats
    #: f64 (n,); NaN where nothing is known.
    faces: Floats
    #: Whether the edges are times of day.
    of_day: bool
    #: Where each source begins; none by the time of day.
    starts: tuple[tuple[float, str], ...]


def timeline_of(seconds: Sequence[Second]) -> Timeline:
    """Lay out seconds as columns; raise ``ReportError`` where there are none."""
    if not seconds:
        raise ReportError("nothing to draw: not one second was seen")
    of_day, places, starts = places_of(seconds)
    order = np.argsort(places, kind="stable")
    places = places[order]
    rows = np.array([seconds[n].shares or (0.0,) * len(EMOTIONS) for n in order], np.float64)
    present = np.array([seconds[n].shares is not None for n in order])
    faces = np.array([seconds[n].faces for n in order], np.float64)
    width = max(1.0, np.ceil((places[-1] - places[0] + 1.0) / MOST_COLUMNS))
    columns = int((places[-1] - places[0]) // width) + 1
    which = ((places - places[0]) // width).astype(np.intp)
    edges = places[0] + width * np.arange(columns + 1)
    count = np.bincount(which, minlength=columns)
    peopled = np.bincount(which[present], minlength=columns)
    shares = np.zeros((columns, len(EMOTIONS)))
    np.add.at(shares, which, rows)
    shares /= np.maximum(peopled, 1)[:, None]
    mean = np.bincount(which, faces, columns) / np.maximum(count, 1)
    mean[count == 0] = np.nan
    _bridge(shares, mean, GAP_SECONDS / width)
    return Timeline(edges, shares, mean, of_day, starts)


def places_of(seconds: Sequence[Second]) -> tuple[bool, Floats, tuple[tuple[float, str], ...]]:
    """Return whether the time of day is known, where each second lies, and where each source begins."""
    if all(second.time for second in seconds):
        return True, _by_the_day(seconds), ()
    return False, *_one_after_the_other(seconds)


def _by_the_day(seconds: Sequence[Second]) -> Floats:
    try:
        return np.floor([datetime.fromisoformat(second.time).timestamp() for second in seconds])
    except ValueError as error:
        raise ReportError(f"a time that is none: {error}") from error


def _one_after_the_other(seconds: Sequence[Second]) -> tuple[Floats, tuple[tuple[float, str], ...]]:
    places = np.zeros(len(seconds))
    starts: list[tuple[float, str]] = []
    begin, source = 0.0, None
    for n, second in enumerate(seconds):
        if second.source != source:
            begin, source = (places[n - 1] + 1.0 if n else 0.0), second.source
            starts.append((begin, source))
        places[n] = begin + second.second
    return places, tuple(starts)


def _bridge(shares: Floats, faces: Floats, longest: float) -> None:
    """Carry a column on over a short gap: a source of less than one frame per second has a few."""
    last = 0
    for column in range(len(faces)):
        if not np.isnan(faces[column]):
            last = column
        elif column - last <= longest:
            shares[column] = shares[last]
    known = np.flatnonzero(~np.isnan(faces))
    for before, after in itertools.pairwise(known.tolist()):
        if 1 < after - before <= longest + 1:
            faces[before + 1 : after] = faces[before]
