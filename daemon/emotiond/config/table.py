"""What all tables share, and the kinds of values that stand in them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

#: No time is endless: as milliseconds it must still fit into 32 bits.
LARGEST = 1e6
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0, le=LARGEST)]
NotNegative = Annotated[float, Meta(ge=0.0, le=LARGEST)]
Count = Annotated[int, Meta(ge=1)]
Whole = Annotated[int, Meta(ge=0)]
#: A level of an MQTT topic.
TopicLevel = Annotated[str, Meta(pattern=r"^[^/+#\x00]+$")]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all tables share: they never change, and they know every one of their keys."""
