"""The tables of the device as a whole: its heat and load, where it stands, and how much it says of single faces."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from emotiond.config.table import Count, Fraction, Positive, Table


class GovernorTable(Table, frozen=True):
    """``[governor]``: when the work is stepped down, and when up again."""

    #: Whether the work is stepped down at all.
    enabled: bool = True
    #: From this temperature on the work is stepped down, and up again from the second one down.
    hot_celsius: Positive = 75.0
    cool_celsius: Positive = 65.0
    #: From this share of all cores in other programs' use on, where nothing is left idle; up again from the second one.
    busy_share: Fraction = 0.5
    quiet_share: Fraction = 0.35
    #: How long a strain must last before each step down, and calm before each step up; a step up that does not hold
    #: makes the next wait longer.
    down_seconds: Positive = 10.0
    up_seconds: Positive = 60.0


class Privacy(Table, frozen=True):
    """``[privacy]``: how much is said of single faces."""

    #: ``faces`` tells of each face; ``room`` of the room alone: no face, no track, no position. ``auto`` is ``room``
    #: where ``[deployment] context`` is ``workplace`` or ``education``, else ``faces``.
    mode: Literal["auto", "faces", "room"] = "auto"
    #: In ``room`` mode a room with fewer faces counts as empty: the mood of two is no secret to either of them.
    min_faces: Count = 3


class Deployment(Table, frozen=True):
    """``[deployment]``: where the device stands; docs/privacy.md says what follows from it."""

    #: What kind of place it is; empty says nothing, and nothing follows.
    context: Literal["", "home", "research", "art", "retail", "medical", "safety", "workplace", "education"] = ""
    #: ``EU``, or a country by its code of two letters (ISO 3166).
    region: Annotated[str, Meta(pattern=r"^([A-Z]{2})?$")] = ""
    #: The reason for which emotions are inferred at a workplace or in education; in the European Union none but these.
    reason: Literal["", "medical", "safety"] = ""
