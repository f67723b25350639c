"""What a check says: one line, and where something is wrong one sentence that mends it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's."""

    level: Level
    #: What was looked at, in a word.
    subject: str
    what: str
    #: What to do, with what can be typed; empty where all is well.
    remedy: str = ""


def ok(subject: str, what: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, subject, what)


def warning(subject: str, what: str, remedy: str) -> Finding:
    """It works, and not as well as it could."""
    return Finding(Level.WARNING, subject, what, remedy)


def failure(subject: str, what: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Level.FAILURE, subject, what, remedy)
