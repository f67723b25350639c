"""Certificates made on the spot by openssl: authorities, a broker's, an expired one, a client's."""

from __future__ import annotations

import subprocess
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def authority(folder: Path, name: str) -> Path:
    """Make an authority; return its certificate, with the key beside it."""
    certificate = folder / f"{name}.crt"
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
        *("-subj", f"/CN={name}", "-keyout", str(folder / f"{name}.key"), "-out", str(certificate)),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    return certificate


def signed(folder: Path, name: str, by: Path, *, days: int = 2) -> dict[str, Path]:
    """Make a certificate that ``by`` signs; ``days`` below zero: it has expired."""
    request, key, certificate = (folder / f"{name}.{end}" for end in ("csr", "key", "crt"))
    _openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request)),
    )
    (folder / "extensions").write_text(NAMES)
    _openssl(
        *("x509", "-req", "-in", str(request), "-CA", str(by), "-CAkey", str(by.with_suffix(".key"))),
        *("-CAcreateserial", "-days", str(days), "-extfile", str(folder / "extensions"), "-out", str(certificate)),
    )
    key.chmod(0o644)
    return {"ca": by, "certificate": certificate, "key": key}


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
