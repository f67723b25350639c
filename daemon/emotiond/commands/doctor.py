"""``emotiond doctor``: look at everything, and say what to type."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from emotiond.commands.command import Command
from emotiond.config import DEFAULT_PATH
from emotiond.doctor.examination import examine, exit_code
from emotiond.doctor.screen import show


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=DEFAULT_PATH, help=f"configuration (default: {DEFAULT_PATH})"
    )
    parser.add_argument("--json", action="store_true", help="every finding as JSON, for programs")


def _execute(arguments: argparse.Namespace) -> int:
    # What the parts would say in the log, the doctor says in its own words.
    logging.disable(logging.CRITICAL)
    try:
        with _silent_runtime():
            findings = examine(arguments.config)
    finally:
        logging.disable(logging.NOTSET)
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        size = shutil.get_terminal_size((80, 24))
        print("\n".join(show(findings, size.columns, size.lines if sys.stdout.isatty() else None)))
    return exit_code(findings)


@contextlib.contextmanager
def _silent_runtime() -> Iterator[None]:
    """Keep what the TFLite runtime writes past Python off a terminal, where it would push our lines out of sight."""
    if not sys.stderr.isatty():
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


COMMAND = Command(
    name="doctor",
    help="look at everything that this device needs, and say what to type where something is wrong",
    epilog=(
        "examples:\n"
        "  sudo emotiond doctor\n"
        "  emotiond doctor --config my.toml --json\n\n"
        "It publishes one message that nobody keeps, and takes a few frames of each\n"
        "camera; it stores neither.\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
    exit_codes="exit codes: 0 all is well; 1 there are warnings; 2 something fails",
)
