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


def signed(folder: Path, name: str, by: Path, *, expired: bool = False) -> dict[str, Path]:
    """Make a certificate that ``by`` signs, good for two days or long past."""
    request, key, certificate = (folder / f"{name}.{end}" for end in ("csr", "key", "crt"))
    _openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request)),
    )
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "ca.conf").write_text(
        f"[ca]\ndefault_ca = a\n[a]\ndatabase = {folder}/index\nserial = {folder}/serial\nnew_certs_dir = {folder}\n"
        f"default_md = sha256\npolicy = p\nx509_extensions = e\n[p]\ncommonName = supplied\n[e]\n{NAMES}\n"
    )
    dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if expired else ["-days", "2"]
    _openssl(
        *("ca", "-batch", "-notext", "-config", str(folder / "ca.conf"), *dates, "-in", str(request)),
        *("-cert", str(by), "-keyfile", str(by.with_suffix(".key")), "-out", str(certificate)),
    )
    key.chmod(0o644)
    return {"ca": by, "certificate": certificate, "key": key}


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
