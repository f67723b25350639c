"""Whose rights count: those of the service's user where it is installed, else those of whoever asks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USER: Final = "emotiond"
UNIT: Final = Path("usr/lib/systemd/system/emotiond.service")
READ: Final = 4
WRITE: Final = 2
ENTER: Final = 1


@dataclass(frozen=True)
class Account:
    """A user and all groups that count for him."""

    name: str
    uid: int
    gids: frozenset[int]

    def may(self, path: Path, rights: int) -> bool:
        """Say whether the file's mode gives these rights; raise ``OSError`` where it cannot be looked at."""
        status = path.stat()
        if self.uid == 0:
            return True
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid in self.gids else 0
        return (status.st_mode >> shift) & rights == rights


def service_account(root: Path) -> Account:
    """Return the service's user as the files below ``root`` have it; without one, whoever asks."""
    for fields in _rows(root / "etc/passwd"):
        if fields[0] == USER and len(fields) > 3:
            numbers = groups(root)
            own = {numbers[name] for name in _granted(root) if name in numbers}
            listed = {int(row[2]) for row in _rows(root / "etc/group") if USER in row[-1].split(",")}
            return Account(USER, int(fields[2]), frozenset({int(fields[3]), *own, *listed}))
    return Account("you", os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))


def groups(root: Path) -> dict[str, int]:
    """Return the number of each group."""
    return {row[0]: int(row[2]) for row in _rows(root / "etc/group")}


def _granted(root: Path) -> list[str]:
    """List the groups that the unit adds to the user's own."""
    try:
        lines = (root / UNIT).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [name for line in lines if line.startswith("SupplementaryGroups=") for name in line.split("=")[1].split()]


def _rows(file: Path) -> list[list[str]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    rows = [line.split(":") for line in lines]
    return [row for row in rows if len(row) > 3 and row[2].isdigit()]
