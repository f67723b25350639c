"""Later versions of emotiond, made from the wheels of this one."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path


def next_release(wheels: Path, folder: Path, version: str, *, broken: bool = False) -> None:
    """Copy a folder of wheels with emotiond at another version; a broken one passes `check` and fails in `run`."""
    folder.mkdir()
    for wheel in wheels.glob("*.whl"):
        if not wheel.name.startswith("emotiond-"):
            os.link(wheel, folder / wheel.name)
    old = next(wheels.glob("emotiond-*.whl"))
    before = old.name.split("-")[1]
    new = folder / old.name.replace(before, version)
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(
                name.replace(f"-{before}.", f"-{version}."), _edited(name, source.read(name), version, broken)
            )
    lines = (wheels / "requirements.txt").read_text(encoding="utf-8").splitlines()
    digest = hashlib.sha256(new.read_bytes()).hexdigest()
    ours = f"emotiond=={version} --hash=sha256:{digest}"
    lines = [ours if line.startswith("emotiond==") else line for line in lines]
    (folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _edited(name: str, content: bytes, version: str, broken: bool) -> bytes:
    if name.endswith(".dist-info/METADATA"):
        head, newline, rest = content.partition(b"\nVersion: ")
        return head + newline + version.encode() + rest[rest.index(b"\n") :]
    if name.endswith(".dist-info/RECORD"):
        rows = [line.split(",")[0] for line in content.decode().splitlines()]
        before = name.split("-")[1].removesuffix(".dist-info/RECORD")
        return "".join(f"{row.replace(f'-{before}.', f'-{version}.')},,\n" for row in rows).encode()
    if broken and name == "emotiond/service.py":
        return content.replace(b"        self._outlet.start()\n", b'        raise SystemExit("broken")\n')
    return content
