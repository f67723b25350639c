"""How much is said of single faces: of each, or of the room alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec


class _Room(msgspec.Struct):
    """What a retained mood says of how many were there."""

    faces: int


@dataclass(frozen=True)
class Discretion:
    """What the newsroom keeps to itself."""

    #: No face, no track, no position leaves the house.
    room_only: bool = False
    #: In ``room_only`` a room with fewer faces counts as empty.
    min_faces: int = 1
    #: What has to be said of the place where the device stands; empty is nothing.
    notice: str = ""

    @property
    def mode(self) -> Literal["faces", "room"]:
        """Its name in messages."""
        return "room" if self.room_only else "faces"

    def counted(self, faces: int) -> int:
        """Return how many faces are told of where so many are in view."""
        return 0 if self.room_only and faces < self.min_faces else faces

    def forbids(self, what: str, payload: bytes) -> bool:
        """Say whether what the broker keeps on a camera's topic ``what`` stems from a time of less discretion."""
        if not self.room_only or what == "availability":
            return False
        if what != "mood":
            return True
        try:
            faces = msgspec.json.decode(payload, type=_Room).faces
        except msgspec.DecodeError:
            return True
        return self.counted(faces) != faces


#: Tells of each face.
OPEN: Final = Discretion()
