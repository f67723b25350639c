"""Outputs that grow line by line, and can be cut back to where finished work ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO


class OutputError(Exception):
    """An output cannot be written; the message is one line."""


class Growing:
    """A file of lines, or standard output where its name is ``-``."""

    def __init__(self, option: str, where: str, header: bytes = b"") -> None:
        self._option = option
        self._where = where
        self._header = header
        self._file: IO[bytes] | None = None

    @property
    def path(self) -> Path | None:
        """The file; None for standard output."""
        return None if self._where == "-" else Path(self._where)

    def open(self, size: int | None) -> None:
        """Open, anew or cut back to ``size`` bytes; raise ``OutputError`` where that cannot be."""
        if self.path is None:
            self._file = sys.stdout.buffer
            self._file.write(self._header)
            return
        try:
            self._file = self.path.open("wb" if size is None else "r+b")
            if size is None:
                self._file.write(self._header)
            else:
                self._file.truncate(size)
                self._file.seek(size)
        except OSError as error:
            raise OutputError(f"{self._option}: {self._where}: cannot be written: {error.strerror}") from error

    def write(self, lines: bytes) -> None:
        """Add lines; raise ``OutputError`` where that fails, as on a full disk."""
        if self._file is None:
            raise OutputError(f"{self._option}: not open")
        try:
            self._file.write(lines)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"{self._option}: {self._where}: cannot be written: {error.strerror}") from error

    def flush(self) -> None:
        """Hand what was written to the system: it outlives this process, if not a power cut."""
        if self._file is not None:
            self._file.flush()

    def settle(self) -> int:
        """Bring what was written to the disk; return how many bytes that are in all."""
        if self._file is None:
            return 0
        self._file.flush()
        if self.path is None:
            return 0
        os.fsync(self._file.fileno())
        return self._file.tell()

    def go_on(self) -> None:
        """Open behind what is there already, without a last line that a crash has cut off; else as ``open``."""
        try:
            text = self.path.read_bytes() if self.path is not None and self.path.is_file() else b""
        except OSError as error:
            raise OutputError(f"{self._option}: {self._where}: cannot be read: {error.strerror}") from error
        if text and not text.startswith(self._header):
            raise OutputError(f"{self._option}: {self._where}: is there already, and no table of emotiond's")
        self.open(text.rfind(b"\n") + 1 if text else None)

    def close(self) -> None:
        """Close the file; standard output stays open."""
        if self._file is not None and self.path is not None:
            self._file.close()
        self._file = None

    def kept(self, size: int) -> bool:
        """Say whether the file still holds what was written before."""
        return self.path is not None and self.path.is_file() and self.path.stat().st_size >= size


def all_kept(outputs: Sequence[Growing], sizes: Sequence[int]) -> bool:
    """Say whether work can go on: every output still holds what finished items wrote."""
    return len(outputs) == len(sizes) and all(output.kept(size) for output, size in zip(outputs, sizes, strict=True))
