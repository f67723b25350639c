"""The command table: ``emotiond COMMAND …``."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from typing import Final

# OpenCV's and FFmpeg's own words go round our log: what matters we say ourselves. Set before OpenCV is loaded.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# Seconds after which a V4L2 camera's read gives up; OpenCV knows no other way to say it, and waits for 10 by itself.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")

from emotiond.doctor.build import complaint

try:
    from emotiond import __version__
    from emotiond.capture.source import AddressError, SourceError
    from emotiond.commands import (
        analyze,
        bench,
        check,
        completion,
        demo,
        doctor,
        ha,
        record,
        report,
        run,
        schema,
        snapshot,
        watch,
    )
    from emotiond.commands.command import FAILED, MISUSED, OK, UsageError
    from emotiond.commands.commandline import Parser
    from emotiond.config import ConfigError
    from emotiond.demo.show import DemoError
    from emotiond.mqtt.login import PublisherError
    from emotiond.mqtt.purge import PurgeError
    from emotiond.mqtt.spool import SpoolError
    from emotiond.report.growing import OutputError
    from emotiond.report.second import ReportError
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
    record.COMMAND,
    report.COMMAND,
    watch.COMMAND,
    bench.COMMAND,
    demo.COMMAND,
    doctor.COMMAND,
    snapshot.COMMAND,
    schema.COMMAND,
    ha.COMMAND,
    completion.COMMAND,
)
#: Of a terminal over SSH, for which the epilogs are written.
COLUMNS: Final = 80
EXIT_CODES: Final = (
    "exit codes: 0 done; 1 failed while running; 2 wrong command line or\nconfiguration; 130 ended by Ctrl-C"
)

EXAMPLES: Final = (
    "examples:\n"
    "  emotiond demo                                      see it work, on this machine alone\n"
    "  emotiond analyze lesson.mp4 --plot timeline.png    a picture of a lesson's moods\n"
    "  emotiond run --source /dev/video0                  publish what a camera sees\n"
    "  emotiond watch --host homeassistant.local          see live what devices publish\n"
    "  emotiond COMMAND --help                            everything about one command\n"
)


def parser() -> Parser:
    """Build the parser of the whole command line."""
    top = Parser(
        prog="emotiond",
        description="Reads the expressions of a whole room on a CPU and publishes them over MQTT.",
        epilog=f"{EXAMPLES}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"emotiond {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.help,
            description=textwrap.fill(command.help, COLUMNS),
            epilog=f"{command.epilog}\n{command.exit_codes or EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(execute=command.execute, parser=top)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; every foreseen failure becomes one line and an exit code."""
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.execute(arguments)
    except (
        UsageError,
        ConfigError,
        AddressError,
        ModelError,
        RuntimeMissingError,
        PublisherError,
        OutputError,
    ) as error:
        return _complain(error, MISUSED)
    except (SourceError, DemoError, SpoolError, PurgeError, ReportError) as error:
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
