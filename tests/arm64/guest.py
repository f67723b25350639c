"""A Debian of arm64, whose programs qemu runs, over a root that stays as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tests.arm64 import TOP

#: Everything that is mounted is gone with the namespace. A new process namespace has a `/proc` of its own.
ENTER: Final = """
mount -t overlay overlay -o lowerdir="$1",upperdir="$2",workdir="$3" "$4"
mount --rbind /dev "$4/dev"
mkdir -p "$4/checkout" "$4/shared"
mount --bind -o ro "$5" "$4/checkout"
mount --bind "$6" "$4/shared"
exec sh "$5/deploy/emulate.sh" sh -eu -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' - "$4" \
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 sh -c "$7"
"""


class Guest:
    """One system; ``folder`` holds what it writes, ``shared`` is its ``/shared``, and ``/checkout`` this checkout."""

    def __init__(self, root: Path, folder: Path, shared: Path) -> None:
        self._parts = [root, folder / "upper", folder / "work", folder / "root"]
        for part in self._parts[1:]:
            part.mkdir()
        self.shared = shared

    def run(self, command: str, *, seconds: float = 600.0) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root of the guest."""
        enter = ["unshare", "--mount", "--propagation", "private", "sh", "-eu", "-c", ENTER, "-"]
        return subprocess.run(
            [*enter, *self._parts, TOP, self.shared, command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def get(self, command: str, *, seconds: float = 600.0) -> str:
        """Return what a command prints; it must succeed."""
        done = self.run(command, seconds=seconds)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()
