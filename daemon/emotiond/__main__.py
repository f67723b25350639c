"""The command table: ``emotiond COMMAND …``."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final

# OpenCV's and FFmpeg's own words go round our log: what matters we say ourselves. Set before OpenCV is loaded.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

from emotiond.doctor.build import complaint

try:
    from emotiond import __version__
    from emotiond.capture.source import AddressError, SourceError
    from emotiond.commands import analyze, bench, check, demo, doctor, ha, run, schema, snapshot
    from emotiond.commands.command import FAILED, MISUSED, OK, UsageError
    from emotiond.config import ConfigError
    from emotiond.demo.show import DemoError
    from emotiond.mqtt.login import PublisherError
    from emotiond.mqtt.purge import PurgeError
    from emotiond.mqtt.spool import SpoolError
    from emotiond.vision.runtime import RuntimeMissingError
    from emotiond.vision.sidecar import ModelError
except ImportError as error:
    # A kernel or a library that this machine cannot load: there is nothing to run, and one line that says why.
    print(f"emotiond: {complaint(error)}", file=sys.stderr)  # noqa: T201 - the one line that a user gets
    sys.exit(2)

COMMANDS: Final = (
    run.COMMAND,
    check.COMMAND,
    analyze.COMMAND,
    bench.COMMAND,
    demo.COMMAND,
    doctor.COMMAND,
    snapshot.COMMAND,
    schema.COMMAND,
    ha.COMMAND,
)
EXIT_CODES: Final = "exit codes: 0 done; 1 failed while running; 2 wrong command line or configuration"


def parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line."""
    top = argparse.ArgumentParser(prog="emotiond", description=f"{__doc__}", epilog=EXIT_CODES)
    top.description = "Reads the expressions of a whole room on a CPU and publishes them over MQTT."
    top.add_argument("--version", action="version", version=f"emotiond {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=f"{command.epilog}\n{command.exit_codes or EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(execute=command.execute)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; every foreseen failure becomes one line and an exit code."""
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.execute(arguments)
    except (UsageError, ConfigError, AddressError, ModelError, RuntimeMissingError, PublisherError) as error:
        return _complain(error, MISUSED)
    except (SourceError, DemoError, SpoolError, PurgeError) as error:
        return _complain(error, FAILED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return 130
    return code


def _complain(error: Exception, code: int) -> int:
    print(f"emotiond: {error}", file=sys.stderr)  # noqa: T201 - the one line that a user gets
    return code


if __name__ == "__main__":
    sys.exit(main())
