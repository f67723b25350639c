"""From the paths of a command line to what is read one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from emotiond.capture.pictures import SUFFIXES

#: Files of a folder that are videos.
VIDEO_SUFFIXES: Final = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm"})


@dataclass(frozen=True)
class Item:
    """One file of pictures, or any other address that a source can have."""

    address: str
    #: What a table calls it: the pictures of a folder are one source.
    source: str
    #: Its place among the pictures of its folder.
    first: int = 0

    @property
    def stamp(self) -> tuple[int, int]:
        """Size in bytes and time of change in nanoseconds: another file of the same name has others."""
        # The file of a database stands before its query.
        path = (
            unquote(self.address.removeprefix("sqlite://").partition("?")[0]) if "://" in self.address else self.address
        )
        try:
            status = Path(path).stat()
        except (OSError, ValueError):
            return 0, 0
        return status.st_size, status.st_mtime_ns


def items_of(paths: Iterable[str]) -> list[Item]:
    """List the items: a folder's pictures in the order of their names, and its videos after them."""
    return [item for path in paths for item in _items(path)]


def _items(path: str) -> list[Item]:
    folder = Path(path)
    if not folder.is_dir():
        return [Item(path, path)]
    files = sorted(file for file in folder.iterdir() if file.is_file())
    pictures = [file for file in files if file.suffix.lower() in SUFFIXES]
    videos = [file for file in files if file.suffix.lower() in VIDEO_SUFFIXES]
    found = [Item(str(file), path, number) for number, file in enumerate(pictures)]
    found += [Item(str(file), str(file)) for file in videos]
    # A folder of neither is opened like a file, and its source says what is wrong.
    return found or [Item(path, path)]
