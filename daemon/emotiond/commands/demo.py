"""``emotiond demo``: see the whole path work, on this machine alone."""

from __future__ import annotations

import argparse

from emotiond.commands.command import FAILED, OK, Command
from emotiond.demo.show import show


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="S", help="camera, address or file (default: a generated classroom)")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="N", help="how long (default: 15)")


def _execute(arguments: argparse.Namespace) -> int:
    return OK if show(arguments.source, arguments.seconds) else FAILED


COMMAND = Command(
    name="demo",
    help="a broker, the daemon and a subscriber that tells what it hears",
    epilog="examples:\n  emotiond demo\n  emotiond demo --source /dev/video0 --seconds 60\n",
    add_arguments=_add_arguments,
    execute=_execute,
)
