"""A program that does not even load: which file of it is broken. Imports nothing that could be broken itself."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

#: ``e_machine`` in an ELF header, and what ``uname -m`` calls it.
_MACHINES: Final = {3: "i686", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_PACKAGE: Final = Path(__file__).parent.parent


def complaint(error: ImportError, package: Path = _PACKAGE) -> str:
    """Return one line that says why the program does not load, and what mends it."""
    remedy = "install it anew: sudo ./deploy/install.sh (from a checkout: pip install --editable .)"
    here = platform.machine()
    for kernel in sorted((package / "native").glob("*.so")):
        there = architecture(kernel)
        if there != here:
            return f"{kernel}: is built for {there or 'no machine at all'} and this is {here}; {remedy}"
    return f"does not load: {str(error).splitlines()[0]}; {remedy}"


def architecture(file: Path) -> str:
    """Return what a shared library is built for, as ``uname -m`` says it; empty where it is none."""
    with file.open("rb") as stream:
        header = stream.read(20)
    if len(header) < 20 or header[:4] != b"\x7fELF":
        return ""
    number = int.from_bytes(header[18:20], "little" if header[5] == 1 else "big")
    return _MACHINES.get(number, f"machine {number}")
