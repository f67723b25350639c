"""The findings on a screen of so many columns and lines, to be read aloud over the telephone."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from emotiond.doctor.finding import Finding, Level

_MARKS: Final = {Level.OK: "ok", Level.WARNING: "warning", Level.FAILURE: "FAILURE"}
_MARK_COLUMNS: Final = 9
_SUBJECT_COLUMNS: Final = 10
#: What the shell's prompt takes.
_PROMPT_LINES: Final = 1


def show(findings: Sequence[Finding], columns: int, lines: int | None) -> list[str]:
    """Return lines that fit; where there are too many, what is well shares one, and at last something is left out."""
    whole = [line for finding in findings for line in _lines(finding, columns)]
    verdict = _verdict(findings)
    room = None if lines is None else max(3, lines - _PROMPT_LINES - 1)
    if room is None or len(whole) <= room:
        return [*whole, verdict]
    well = list(dict.fromkeys(finding.subject for finding in findings if finding.level is Level.OK))
    short = _wrapped("ok", "", ", ".join(well), columns) if well else []
    worst_first = [
        finding for level in (Level.FAILURE, Level.WARNING) for finding in findings if finding.level is level
    ]
    for count, finding in enumerate(worst_first):
        more = _lines(finding, columns)
        left_out = len(worst_first) - count
        if len(short) + len(more) > room - (left_out > 1):
            return [*short, f"{left_out} more are told by: emotiond doctor --json", verdict]
        short += more
    return [*short, verdict]


def _lines(finding: Finding, columns: int) -> list[str]:
    lines = _wrapped(_MARKS[finding.level], finding.subject, finding.what, columns)
    return lines + (_wrapped("", "do this:", finding.remedy, columns) if finding.remedy else [])


def _wrapped(mark: str, subject: str, text: str, columns: int) -> list[str]:
    head = f"{mark:<{_MARK_COLUMNS}}{subject:<{_SUBJECT_COLUMNS}}"
    return textwrap.wrap(
        text,
        columns,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=True,
        break_on_hyphens=False,
    )


def _verdict(findings: Sequence[Finding]) -> str:
    counts = [sum(finding.level is level for finding in findings) for level in (Level.FAILURE, Level.WARNING)]
    if not any(counts):
        return "all is well"
    words = [
        f"{count} {name}{'s' if count > 1 else ''}" for count, name in zip(counts, ("failure", "warning"), strict=True)
    ]
    return " and ".join(word for count, word in zip(counts, words, strict=True) if count)
