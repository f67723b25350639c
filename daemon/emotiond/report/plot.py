"""Draws a timeline: the room's emotions as a stack of areas, the faces in view as a line below.

With matplotlib, an extra: it hatches, sets text and writes PNG, SVG and PDF; a device that only publishes needs none of
it, and is spared 30 MB.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from emotiond.records import EMOTIONS
from emotiond.report.palette import INKS, STACK
from emotiond.report.second import ReportError
from emotiond.report.timeline import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES: Final = (".png", ".svg", ".pdf")
#: Lines and words of the drawing, before a page puts its own colour there.
LINES: Final = "#111111"
#: Names of sources that a picture has room for.
MOST_NAMES: Final = 8
#: Times that stand below it, and how far apart they may be.
MOST_TICKS: Final = 9
_STEPS_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_STYLE: Final[dict[Any, Any]] = {
    "font.size": 10,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",
    "text.color": LINES,
    "axes.edgecolor": LINES,
    "axes.labelcolor": LINES,
    "xtick.color": LINES,
    "ytick.color": LINES,
}


def save(timeline: Timeline, path: Path, title: str) -> None:
    """Draw into a file, PNG, SVG or PDF by its ending; raise ``ReportError`` where that cannot be."""
    if path.suffix.lower() not in SUFFIXES:
        raise ReportError(f"{path}: a picture ends with {', '.join(SUFFIXES)}")
    _write(timeline, title, path, path.suffix.lower()[1:], title)


def as_svg(timeline: Timeline, name: str, marks: Sequence[float] = ()) -> str:
    """Draw as an ``<svg>`` element whose words and lines take the colour of the page; ``name`` keeps its ids apart.

    ``marks`` are places on the time axis that get numbers, from 1 on.
    """
    drawing = io.StringIO()
    _write(timeline, "", drawing, "svg", name, marks)
    whole = drawing.getvalue()
    element = whole[whole.index("<svg") :].replace(LINES, "currentColor")
    # The page is read as HTML, where these would be foreign; and nothing may point out of it.
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px system-ui, sans-serif", element)
    return element.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def require_matplotlib() -> None:
    """Raise ``ReportError`` where matplotlib is missing: better before hours of work than after them."""
    try:
        import matplotlib.figure  # noqa: F401, PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise ReportError("pictures need matplotlib: pip install 'emotiond[plot]'") from error


def _write(
    timeline: Timeline, title: str, where: Path | io.StringIO, kind: str, salt: str, marks: Sequence[float] = ()
) -> None:
    require_matplotlib()
    import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to load

    with mpl.rc_context(rc={**_STYLE, "svg.hashsalt": salt}):
        figure = _draw(timeline, title, marks)
        metadata: dict[str, Any] = {"png": {"Software": None}}.get(kind, {"Creator": None})
        if kind == "svg":
            metadata["Date"] = None
        # A page lends its own background; a file that stands alone needs one.
        alone = isinstance(where, Path)
        try:
            figure.savefig(where, format=kind, dpi=120, transparent=not alone, metadata=metadata)
        except OSError as error:
            raise ReportError(f"{where}: cannot be written: {error.strerror or error}") from error


def _draw(timeline: Timeline, title: str, marks: Sequence[float]) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow to load

    figure = Figure(figsize=(10.0, 5.0), layout="constrained")
    moods, faces = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    _stack(moods, timeline)
    for number, place in enumerate(marks, start=1):
        moods.axvline(place, color="#000000", linewidth=1.0, linestyle=":")
        moods.annotate(
            str(number), (place, 100.0), xytext=(0, 3), textcoords="offset points", ha="center", annotation_clip=False
        )
    faces.step(timeline.edges, np.append(timeline.faces, timeline.faces[-1]), where="post", color=LINES, linewidth=1.6)
    top = float(np.nanmax(timeline.faces, initial=1.0))
    faces.set_ylim(0.0, top * 1.15)
    faces.set_ylabel("faces")
    faces.spines[["top", "right"]].set_visible(False)
    _label_times(faces, timeline)
    if title:
        figure.suptitle(title, x=0.01, ha="left", weight="bold")
    handles, labels = moods.get_legend_handles_labels()
    figure.legend(
        handles[::-1],
        labels[::-1],
        loc="outside upper center",
        ncols=7,
        frameon=False,
        handlelength=2,
        handleheight=1.4,
    )
    return figure


def _stack(axes: Axes, timeline: Timeline) -> None:
    shares = np.vstack([timeline.shares, timeline.shares[-1:]]) * 100.0
    floor = np.zeros(len(timeline.edges))
    for emotion in STACK:
        ceiling = floor + shares[:, EMOTIONS.index(emotion)]
        ink = INKS[emotion]
        axes.fill_between(
            timeline.edges,
            floor,
            ceiling,
            step="post",
            facecolor=ink.colour,
            hatch=ink.hatch,
            edgecolor="#00000070",
            linewidth=0.0,
            label=emotion,
        )
        # A thin dark line between the areas tells them apart where both print as the same gray.
        axes.step(
            timeline.edges, np.where(ceiling > 0.0, ceiling, np.nan), where="post", color="#000000", linewidth=0.4
        )
        floor = ceiling
    axes.set_ylim(0.0, 100.0)
    axes.set_xlim(timeline.edges[0], timeline.edges[-1])
    axes.set_ylabel("share of the room in %")
    axes.spines[["top", "right"]].set_visible(False)
    for begin, name in timeline.starts if 1 < len(timeline.starts) <= MOST_NAMES else ():
        axes.axvline(begin, color="#000000", linewidth=1.2)
        axes.annotate(Path(name).name, (begin, 100.0), xytext=(3, -3), textcoords="offset points", va="top", fontsize=8)


def _label_times(axes: Axes, timeline: Timeline) -> None:
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 - an extra, and slow to load

    first, last = float(timeline.edges[0]), float(timeline.edges[-1])
    step = next((step for step in _STEPS_SECONDS if last - first <= step * MOST_TICKS), _STEPS_SECONDS[-1])
    # Full hours are those of the place, whose time is not always whole hours from Greenwich's.
    zone = datetime.fromtimestamp(first, UTC).astimezone().utcoffset() if timeline.of_day else None
    shift = zone.total_seconds() if zone else 0.0
    axes.set_xticks(np.arange(np.ceil((first + shift) / step), np.floor((last + shift) / step) + 1.0) * step - shift)
    span = last - first
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: in_words(place, of_day=timeline.of_day, span=span)))
    axes.set_xlabel("time of day" if timeline.of_day else "time since the beginning")


def in_words(place: float, *, of_day: bool, span: float) -> str:
    """Write a place of the time axis: the local time of day, or hours, minutes and seconds since the beginning."""
    if of_day:
        return datetime.fromtimestamp(place, UTC).astimezone().strftime("%H:%M:%S" if span < 240.0 else "%H:%M")
    minutes, seconds = divmod(int(place), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
