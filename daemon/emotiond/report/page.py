"""One recording as one HTML page that needs nothing else: no network, no script, no second file."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from string import Template
from typing import Final

import numpy as np

from emotiond import __version__
from emotiond.records import EMOTIONS
from emotiond.report.changes import Change, changes_of
from emotiond.report.palette import INKS
from emotiond.report.plot import as_svg, in_words
from emotiond.report.second import ReportError, Second
from emotiond.report.timeline import places_of, timeline_of

HOUR_SECONDS: Final = 3600.0


def page(seconds: Sequence[Second], title: str) -> str:
    """Write the page; raise ``ReportError`` where there is nothing to show or matplotlib is missing."""
    if not seconds:
        raise ReportError("nothing to report: the table holds not one second")
    sources: dict[str, list[Second]] = {}
    for second in seconds:
        sources.setdefault(second.source, []).append(second)
    template = Template(resources.files("emotiond.report").joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        version=html.escape(__version__),
        title=html.escape(title),
        summary=html.escape(_in_a_sentence(seconds)),
        sections="\n".join(_section(number, name, part) for number, (name, part) in enumerate(sources.items(), 1)),
    )


def _section(number: int, name: str, seconds: Sequence[Second]) -> str:
    of_day, places, _ = places_of(seconds)
    changes = changes_of(seconds, places)
    where = {id(second): place for second, place in zip(seconds, places.tolist(), strict=True)}
    drawing = as_svg(timeline_of(seconds), f"{number} {name}", [where[id(change.at)] for change in changes])
    span = float(places.max() - places.min())
    return "\n".join(
        [
            f'<section aria-labelledby="source-{number}">',
            f'<h2 id="source-{number}">{html.escape(name)}</h2>',
            f'<figure aria-labelledby="told-{number}">',
            f'<div class="wide">{drawing}</div>',
            f'<figcaption id="told-{number}">{html.escape(_in_a_sentence(seconds))}</figcaption>',
            "</figure>",
            *_hours(number, seconds, places.tolist(), of_day=of_day),
            *_moments(number, changes, [where[id(change.at)] for change in changes], of_day=of_day, span=span),
            "</section>",
        ]
    )


def _in_a_sentence(seconds: Sequence[Second]) -> str:
    seen = [second.shares for second in seconds if second.shares is not None]
    times = sorted(second.time for second in seconds if second.time)
    when = f"{_local(times[0])} to {_local(times[-1])}: " if times else ""
    length = _length(len({second.time or (second.source, second.second) for second in seconds}))
    if not seen:
        return f"{when}{length} were recorded, with nobody in view."
    mean = np.mean(seen, axis=0)
    first, then = np.argsort(-mean)[:2]
    faces = np.mean([second.faces for second in seconds])
    return (
        f"{when}{length} were recorded, with {faces:.1f} faces in view on average; mostly {EMOTIONS[first]} "
        f"({mean[first]:.0%}), then {EMOTIONS[then]} ({mean[then]:.0%})."
    )


def _hours(number: int, seconds: Sequence[Second], places: Sequence[float], *, of_day: bool) -> list[str]:
    hours: dict[float, list[Second]] = {}
    for second, place in zip(seconds, places, strict=True):
        hours.setdefault(place // HOUR_SECONDS, []).append(second)
    heads = "".join(f'<th scope="col">{emotion}</th>' for emotion in EMOTIONS)
    rows = []
    for hour, part in sorted(hours.items()):
        name = in_words(hour * HOUR_SECONDS, of_day=of_day, span=HOUR_SECONDS)
        seen = [second.shares for second in part if second.shares is not None]
        mean = np.mean(seen, axis=0).tolist() if seen else [None] * len(EMOTIONS)
        cells = "".join(_cell(emotion, share) for emotion, share in zip(EMOTIONS, mean, strict=True))
        faces = float(np.mean([second.faces for second in part]))
        rows.append(f'<tr><th scope="row">{name}</th><td>{faces:.1f}</td>{cells}</tr>')
    begin = "by the time of day" if of_day else "since the beginning"
    return [
        f'<div class="wide" role="region" aria-labelledby="hours-{number}" tabindex="0">',
        f'<table><caption id="hours-{number}">Shares per hour, {begin}</caption>',
        f'<thead><tr><th scope="col">hour from</th><th scope="col">faces</th>{heads}</tr></thead>',
        f"<tbody>{''.join(rows)}</tbody></table></div>",
    ]


def _cell(emotion: str, share: float | None) -> str:
    if share is None:
        return "<td>&ndash;</td>"
    return f'<td style="--ink:{INKS[emotion].colour};--share:{share:.0%}">{share:.0%}</td>'


def _moments(
    number: int, changes: Sequence[Change], places: Sequence[float], *, of_day: bool, span: float
) -> list[str]:
    told = [f'<h3 id="changes-{number}">Moments of change</h3>']
    if not changes:
        return [*told, "<p>No emotion's share rose by much within a short time.</p>"]
    told.append(f'<ol aria-labelledby="changes-{number}">')
    for change, place in zip(changes, places, strict=True):
        when = in_words(place, of_day=of_day, span=min(span, HOUR_SECONDS / 20.0))
        told.append(
            f"<li><strong>{when}</strong>: {change.emotion} rose from {change.before:.0%} to {change.after:.0%}, "
            f"with {change.at.faces:.0f} faces in view</li>"
        )
    return [*told, "</ol>"]


def _length(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60.0)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _local(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"
