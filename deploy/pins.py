"""Renew the pins: what an appliance installs, with hashes, for each version of Python and each architecture.

python3 deploy/pins.py     writes deploy/pins/python3.11-x86_64.txt and its siblings, and deploy/pins/build.txt
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PINS: Final = ROOT / "deploy" / "pins"
#: Debian 12 and Raspberry Pi OS Bookworm; Ubuntu 24.04; Debian 13 and Raspberry Pi OS Trixie.
PYTHONS: Final = ("3.11", "3.12", "3.13")
MACHINES: Final = ("x86_64", "aarch64")
#: Oldest first; Debian 12 has glibc 2.36.
GLIBCS: Final = ("2014", "_2_17", "_2_24", "_2_26", "_2_27", "_2_28", "_2_31", "_2_34")
#: What compiles our wheel and systemd-python's, which its makers publish as source only.
BUILD: Final = ("setuptools>=77", "cython>=3.1,<4")
FROM_SOURCE: Final = "systemd-python>=235"


def resolve(wishes: list[str], options: list[str]) -> list[str]:
    """Return one pinned line with its hash for each package that `wishes` need."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        subprocess.run([*command, "--report", report, *options, *wishes], check=True)
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    return sorted(
        f"{package['metadata']['name'].lower()}=={package['metadata']['version']} "
        f"--hash=sha256:{package['download_info']['archive_info']['hashes']['sha256']}"
        for package in found
    )


def write(path: Path, lines: list[str]) -> None:
    """Write one file of pins."""
    path.write_text("\n".join(["# Written by deploy/pins.py.", *lines, ""]), encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(lines)} packages", flush=True)


def main() -> None:
    """Resolve afresh for every target."""
    wishes = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    PINS.mkdir(exist_ok=True)
    for machine in MACHINES:
        platforms = [f"--platform=manylinux{glibc}_{machine}" for glibc in GLIBCS]
        for python in PYTHONS:
            target = [f"--python-version={python}", "--only-binary=:all:", "--target=unused", *platforms]
            write(PINS / f"python{python}-{machine}.txt", resolve(wishes, target))
    build = resolve(list(BUILD), ["--only-binary=:all:", "--platform=any", "--python-version=3.11", "--target=unused"])
    source = resolve([FROM_SOURCE], ["--no-deps", "--no-binary=:all:"])
    write(PINS / "build.txt", [*build, *source])


if __name__ == "__main__":
    main()
