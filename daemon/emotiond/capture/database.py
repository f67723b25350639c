"""Pictures in a table of an SQLite database, one row after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from emotiond.capture.pictures import still_of
from emotiond.capture.source import Picture, PictureError, SourceError

Name = Annotated[str, Meta(min_length=1)]


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands behind ``sqlite:///path?``."""

    table: Name
    #: Column of the encoded pictures (JPEG, PNG, …).
    image: Name = "image"
    #: Column that orders and names them.
    id: Name = "rowid"


class Database:
    """Stills, read row by row: the table may be of any length."""

    live = False
    still = True
    paced = False

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._columns = columns
        self._connection: sqlite3.Connection | None = None
        self._rows: Iterator[tuple[object, object]] = iter(())
        self._index = 0

    def open(self) -> None:
        """Open the file, to read alone; raise ``SourceError`` where there is no such file, table or column."""
        table, image, key = (_quoted(name) for name in (self._columns.table, self._columns.image, self._columns.id))
        try:
            with closing(self._path.open("rb")):
                pass
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error
        try:
            self._connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
            self._rows = self._connection.execute(
                # With the table before it, a name that is no column is an error and not a text.
                f"SELECT t.{key}, t.{image} FROM {table} AS t ORDER BY t.{key}"  # noqa: S608
            )
        except sqlite3.Error as error:
            self.close()
            raise SourceError(f"{self._path}: {error}") from error
        self._index = 0

    def read(self) -> Picture | None:
        """Read the next row; raise ``PictureError`` where it holds no picture."""
        if self._connection is None:
            raise SourceError(f"{self._path}: not open")
        try:
            row = next(self._rows, None)
        except sqlite3.Error as error:
            raise SourceError(f"{self._path}: {error}") from error
        if row is None:
            return None
        key, code = row
        name = f"{self._path}#{key}"
        time_seconds = float(self._index)
        self._index += 1
        if not isinstance(code, bytes):
            raise PictureError(f"{name}: not a picture that can be read")
        return Picture(still_of(code, name), time_seconds, name)

    def close(self) -> None:
        """Close the file."""
        self._rows = iter(())
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _quoted(name: str) -> str:
    return "rowid" if name == "rowid" else '"' + name.replace('"', '""') + '"'
