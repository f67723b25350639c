"""Secrets that systemd hands over (``LoadCredential=``): files that only the service itself can read."""

from __future__ import annotations

import os
from pathlib import Path


def credential_file(name: str) -> str:
    """Return the path of the credential ``name``; empty where there is none, or nothing in it."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return ""
    path = Path(folder) / name
    # The unit's default for a password that nobody has set is an empty line.
    return str(path) if path.is_file() and path.read_bytes().strip() else ""
