"""``emotiond report``: a table in, one page out."""

from __future__ import annotations

import argparse
from pathlib import Path

from emotiond.commands.command import OK, Command, UsageError
from emotiond.report.page import page
from emotiond.report.spreadsheet import read_table


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tables", nargs="+", type=Path, metavar="CSV", help="written by record or by analyze --csv")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="HTML", help="the page to write")
    parser.add_argument("--title", metavar="WORDS", help="headline of the page (default: the name of the first table)")


def _execute(arguments: argparse.Namespace) -> int:
    seconds = [second for table in arguments.tables for second in read_table(table)]
    written = page(seconds, arguments.title or arguments.tables[0].stem)
    try:
        arguments.output.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output: {arguments.output}: cannot be written: {error.strerror}") from error
    return OK


COMMAND = Command(
    name="report",
    help="turn a recording into one HTML page: timeline, shares per hour, moments of change",
    epilog=(
        "The page needs no network and no other file. Its drawing needs the extra `plot`\n"
        "(matplotlib).\n\n"
        "examples:\n"
        "  emotiond report room.csv -o report.html\n"
        "  emotiond report monday.csv tuesday.csv -o week.html --title 'Class 4b'\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
