"""What is done already: a file beside the output that lets interrupted work go on where it stopped."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from emotiond.analysis.items import Item
from emotiond.report.growing import OutputError
from emotiond.report.second import Second


class Entry(msgspec.Struct, frozen=True):
    """One item that is done, and how long the outputs were then."""

    address: str
    stamp: tuple[int, int]
    frames: int
    #: What could not be read of it.
    complaints: tuple[str, ...]
    seconds: tuple[Second, ...]
    #: Bytes of each growing output.
    sizes: tuple[int, ...]


class _Head(msgspec.Struct, frozen=True):
    #: Everything that the result depends on.
    work: str


class Ledger:
    """A line for each item that is done, on the disk before the next one begins."""

    def __init__(self, path: Path, work: str) -> None:
        self.path = path
        self._work = work

    def resume(self, items: list[Item]) -> list[Entry]:
        """Return the entries of the first items, where the same work was begun before; an empty list otherwise."""
        kept = []
        for entry, item in zip(self._read(), items, strict=False):
            if (entry.address, entry.stamp) != (item.address, item.stamp):
                break
            kept.append(entry)
        return kept

    def begin(self, kept: list[Entry]) -> None:
        """Begin with the entries that are kept of before; raise ``OutputError`` where that cannot be written."""
        lines = [msgspec.json.encode(_Head(self._work)), *map(msgspec.json.encode, kept)]
        try:
            self.path.write_bytes(b"".join(line + b"\n" for line in lines))
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from error

    def add(self, entry: Entry) -> None:
        """Write that an item is done; the outputs must be on the disk before."""
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """Forget: all is done."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> list[Entry]:
        try:
            lines = self.path.read_bytes().split(b"\n")
            if msgspec.json.decode(lines[0], type=_Head).work != self._work:
                return []
        except (OSError, msgspec.DecodeError):
            return []
        entries = []
        for line in lines[1:-1]:
            try:
                entries.append(msgspec.json.decode(line, type=Entry))
            except msgspec.DecodeError:
                # A crash has cut it off.
                break
        return entries
