"""How we prove who we are, and how the broker has to: passwords and certificates, read from files alone."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path


class PublisherError(Exception):
    """The broker's settings cannot be used; the message is one line."""


@dataclass(frozen=True)
class Login:
    """The settings; every file is read when it is needed, so that a renewed one counts at the next connection."""

    username: str = ""
    password_file: str = ""
    password_credential: str = ""
    tls: bool = False
    ca_file: str = ""
    client_certificate_file: str = ""
    client_key_file: str = ""
    #: Where systemd puts credentials.
    credentials_directory: str | None = field(default_factory=lambda: os.environ.get("CREDENTIALS_DIRECTORY"))

    def password(self) -> str | None:
        """Read the password; raise ``PublisherError`` where its file cannot be read. Never logged."""
        path, key = self._password_path()
        if path is None:
            return None
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise PublisherError(f"[mqtt] {key}: {path}: cannot be read: {reason}") from error

    def context(self) -> ssl.SSLContext | None:
        """Build the TLS settings, with the broker's certificate and name always checked; None without TLS."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise PublisherError(f"[mqtt] ca_file: {self.ca_file}: cannot be used: {_why(error)}") from error
        if self.client_certificate_file:
            try:
                context.load_cert_chain(self.client_certificate_file, self.client_key_file)
            except (OSError, ssl.SSLError) as error:
                names = f"{self.client_certificate_file}, {self.client_key_file}"
                raise PublisherError(
                    f"[mqtt] client_certificate_file, client_key_file: {names}: cannot be used: {_why(error)}"
                ) from error
        return context

    def _password_path(self) -> tuple[Path | None, str]:
        if self.password_file:
            return Path(self.password_file), "password_file"
        if self.credentials_directory and self.password_credential:
            path = Path(self.credentials_directory) / self.password_credential
            if path.exists():
                return path, "password_credential"
        return None, ""


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "not in PEM format"
    return error.strerror or str(error)
