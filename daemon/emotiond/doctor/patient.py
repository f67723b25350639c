"""Who is examined: a configuration, and the machine below a root folder."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path

from emotiond.config import Config
from emotiond.doctor.account import Account, service_account


@dataclass(frozen=True)
class Patient:
    """All that the checks are told."""

    #: None where the file cannot be used.
    config: Config | None
    #: The configuration file.
    file: Path
    #: Where /sys, /proc, /etc and /run are: another folder than / in tests.
    root: Path = Path("/")
    #: As ``uname -m`` has it.
    architecture: str = field(default_factory=platform.machine)

    @property
    def account(self) -> Account:
        """Return whose rights count."""
        return service_account(self.root)

    @property
    def state_folder(self) -> Path | None:
        """Return where events wait for the broker; None where they wait in memory."""
        chosen = self.config.mqtt.spool.directory if self.config else ""
        chosen = chosen or os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
        if chosen:
            return Path(chosen)
        usual = self.root / "var/lib/emotiond"
        return usual if usual.exists() else None

    def edit(self, what: str) -> str:
        """Return the sentence that has a key of the configuration changed."""
        return f"set {what} with: sudo nano {self.file}"
