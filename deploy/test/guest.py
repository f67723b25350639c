"""A Debian system of its own: systemd as PID 1 in systemd-nspawn, over a root that stays as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

BOOT_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
#: On a machine that has much else to do, or that pretends to be another one, everything takes so many times longer.
PATIENCE: Final = float(os.environ.get("PATIENCE", "1"))
#: Everything that is mounted is gone with the namespace. systemd wants cgroup v2, whatever this machine has.
ENTER: Final = """
mount -t overlay overlay -o lowerdir="$1",upperdir="$2",workdir="$3" "$4"
umount -l -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
shift 4
exec "$@"
"""
#: Its own process namespace ends with its first process, and takes the guest along.
LEASH: Final = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "--pid"]
LEASH += ["--fork", "--kill-child", "--mount-proc"]
ENVIRONMENT: Final = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LC_ALL=C.UTF-8"]


class Guest:
    """One system; ``folder`` holds all that it writes, ``shared`` is its ``/guest``."""

    def __init__(self, root: Path, folder: Path, shared: Path, name: str) -> None:
        self.shared = shared
        self._folder = folder
        for part in ("upper", "work", "root"):
            (folder / part).mkdir(parents=True)
        overlay = [root, folder / "upper", folder / "work", folder / "root"]
        nspawn = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe"]
        nspawn += ["--capability=all", "--system-call-filter=bpf", f"--bind={shared}:/guest", f"--machine={name}"]
        nspawn += ["--boot", f"--directory={folder / 'root'}"]
        self._log = (folder / "boot.log").open("wb")
        # A test run that is killed takes its guest along.
        self._process = subprocess.Popen(
            [*LEASH, "sh", "-eu", "-c", ENTER, "-", *overlay, *nspawn],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._init = ""

    def boot(self) -> None:
        """Wait until everything has started."""
        self.until(self._leader, BOOT_SECONDS)
        self.until(
            lambda: self.run("systemctl is-system-running").stdout.strip() in {"running", "degraded"}, BOOT_SECONDS
        )

    def run(self, command: str, *, seconds: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root of the guest."""
        return subprocess.run(
            [*self._enter(), "sh", "-c", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds * PATIENCE,
            check=False,
        )

    def get(self, command: str, *, seconds: float = 120.0) -> str:
        """Return what a command prints; it must succeed."""
        done = self.run(command, seconds=seconds)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        """Write a file of the guest; its owner and mode stay where there is one."""
        command = f"mkdir -p $(dirname {path}) && cat >{path}"
        subprocess.run(
            [*self._enter(), "sh", "-c", command], input=text, text=True, timeout=10.0 * PATIENCE, check=True
        )

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Run a command beside everything else; whoever starts it ends it."""
        return subprocess.Popen(
            [*self._enter(), "sh", "-c", f"exec {command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def until(self, happened: Callable[[], object], seconds: float) -> None:
        """Wait until `happened` says so."""
        deadline = time.monotonic() + seconds * PATIENCE
        while not happened():
            assert self._process.poll() is None, f"the guest has ended:\n{self._boot_log()}"
            assert time.monotonic() < deadline, f"not within {seconds * PATIENCE:g} s"
            time.sleep(0.2)

    def stop(self) -> None:
        """Power off, and throw away what the guest has written."""
        if self._init and self._process.poll() is None:
            self.run("systemctl poweroff --force --force")
        try:
            self._process.wait(STOP_SECONDS * PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder / "upper")
        shutil.rmtree(self._folder / "work")

    def _enter(self) -> list[str]:
        return ["nsenter", f"--target={self._init}", "--mount", "--uts", "--ipc", "--net", "--pid", *ENVIRONMENT]

    def _leader(self) -> bool:
        """Find the guest's first process: its systemd, below nspawn, below unshare."""
        waiting = [str(self._process.pid)]
        while waiting:
            pid = waiting.pop()
            try:
                name = Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
            except OSError:
                continue
            if name == "systemd":
                self._init = pid
                return True
            waiting += children
        return False

    def _boot_log(self) -> str:
        return (self._folder / "boot.log").read_text(encoding="utf-8", errors="replace")[-3000:]
