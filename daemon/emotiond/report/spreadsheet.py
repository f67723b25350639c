"""The table that ``analyze --csv`` and ``record`` write and ``report`` reads: one line for each second."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from emotiond.records import EMOTIONS
from emotiond.report.second import ReportError, Second

COLUMNS: Final = ("source", "time", "second", "faces", *EMOTIONS, "dominant")
HEADER: Final = (",".join(COLUMNS) + "\r\n").encode()


def as_line(second: Second) -> bytes:
    """Write one second as a line of CSV (RFC 4180, UTF-8); the shares of an empty room stay empty."""
    shares = [f"{share:.4f}" for share in second.shares] if second.shares else [""] * len(EMOTIONS)
    line = io.StringIO()
    faces = f"{second.faces:g}"
    csv.writer(line).writerow([second.source, second.time, second.second, faces, *shares, second.dominant])
    return line.getvalue().encode()


def read_table(path: Path) -> list[Second]:
    """Read a table; raise ``ReportError`` where it is none. A last line that a crash has cut off is left out."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ReportError(f"{path}: cannot be read: {reason}") from error
    whole, _, _ = text.rpartition("\n")
    rows = csv.DictReader(io.StringIO(whole, newline=""))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise ReportError(f"{path}: no table of emotiond's: no column {', '.join(missing)}")
    return [_second(row, path, rows.line_num) for row in rows]


def _second(row: dict[str, str], path: Path, line: int) -> Second:
    try:
        faces = float(row["faces"])
        shares = tuple(float(row[emotion]) for emotion in EMOTIONS) if row["dominant"] else None
        second = Second(row["source"], int(row["second"]), faces, shares, row["time"])
    except (TypeError, ValueError) as error:
        raise ReportError(f"{path}: line {line}: not a line of this table: {error}") from error
    if faces < 0.0 or any(not 0.0 <= share <= 1.0 for share in shares or ()):
        raise ReportError(f"{path}: line {line}: faces below 0, or a share that is none")
    return second
