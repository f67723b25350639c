"""What every sub-command promises, and the exit codes that all of them share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

OK: Final = 0
#: Something failed while running.
FAILED: Final = 1
#: The command line or the configuration is wrong; systemd does not try again.
MISUSED: Final = 2


class UsageError(Exception):
    """The command line asks for what cannot be; the message is one line."""


@dataclass(frozen=True)
class Command:
    """One sub-command."""

    name: str
    help: str
    #: Examples, shown below the options.
    epilog: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    execute: Callable[[argparse.Namespace], int]
    #: What its exit codes mean, where they mean something else than everybody's.
    exit_codes: str = ""
