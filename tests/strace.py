"""What a traced program has opened for writing, and whom it has talked to: read from strace's own words."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

STRACE = shutil.which("strace")
FILES = (
    "open",
    "openat",
    "openat2",
    "creat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "truncate",
    "mknod",
    "mknodat",
)
TALK = ("connect", "sendto", "sendmsg", "sendmmsg", "getsockname")
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_INET = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')
_UNIX = re.compile(r'sa_family=AF_UNIX, sun_path=@?"([^"]+)"')
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')


def command(trace: Path, *words: str) -> list[str]:
    """Return the command that runs `words`, children included, and writes their calls to `trace`."""
    if STRACE is None:
        pytest.skip("strace is not installed (apt: strace)")
    tried = subprocess.run([STRACE, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False, timeout=30)
    if tried.returncode != 0:
        pytest.skip(f"ptrace is not allowed here: {tried.stderr.strip()}")
    return [
        STRACE,
        "-f",
        "-qq",
        "-s",
        "300",
        "-e",
        f"trace={','.join(f'?{name}' for name in (*FILES, *TALK))}",
        "-o",
        str(trace),
        *words,
    ]


@dataclass
class Traced:
    """What was done, whatever came of it later."""

    #: Paths that were opened for writing, made or renamed to.
    written: set[str] = field(default_factory=set)
    #: (address, port) of every connection and every datagram; not those that the program made to itself.
    peers: set[tuple[str, int]] = field(default_factory=set)
    unix: set[str] = field(default_factory=set)
    calls: int = 0


def read(trace: Path) -> Traced:
    """Read what strace wrote; a call that another thread interrupted is put together first."""
    traced, own = Traced(), set()
    for line in _whole(trace.read_text(encoding="utf-8", errors="replace").splitlines()):
        found = _CALL.match(line)
        if not found:
            continue
        name, arguments, result = found[1], found[2], int(found[3])
        traced.calls += 1
        if name in FILES and result >= 0:
            reads_only = name.startswith("open") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", arguments)
            if not reads_only:
                traced.written.add(_PATH.findall(arguments)[-1])
        elif name == "getsockname":
            own |= {(address, int(port)) for port, address in _INET.findall(arguments)}
        elif name in TALK:
            traced.peers |= {(address, int(port)) for port, address in _INET.findall(arguments)}
            # An attempt at a socket that is not there reaches nobody.
            traced.unix |= set(_UNIX.findall(arguments)) if result >= 0 else set()
    traced.peers -= own
    return traced


def _whole(lines: list[str]) -> list[str]:
    """Join `… <unfinished ...>` with its `<... resumed>`, by the number of the thread."""
    waiting: dict[str, str] = {}
    whole = []
    for line in lines:
        number = line.partition(" ")[0]
        if line.endswith("<unfinished ...>"):
            waiting[number] = line.removesuffix("<unfinished ...>").rstrip()
        elif "resumed>" in line and number in waiting:
            whole.append(waiting.pop(number) + line.partition("resumed>")[2])
        else:
            whole.append(line)
    # What never came back was asked for all the same.
    return whole + [f"{line}) = 0" for line in waiting.values()]
