"""``emotiond analyze``: files in; lines, a table, a timeline, annotated pictures out."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

import msgspec

from emotiond import __version__, cameras, parts
from emotiond.analysis.album import places
from emotiond.analysis.items import Item, items_of
from emotiond.analysis.ledger import Ledger
from emotiond.analysis.progress import Bar
from emotiond.analysis.work import Done, Workshop, work_through
from emotiond.commands.command import FAILED, OK, Command, UsageError
from emotiond.commands.settings import add_config, finite_camera, read_config
from emotiond.config import Config
from emotiond.report import plot
from emotiond.report.growing import Growing
from emotiond.report.second import ReportError
from emotiond.report.spreadsheet import HEADER
from emotiond.report.timeline import timeline_of


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="video, picture, folder of them, or any other finite source"
    )
    parser.add_argument("--json", metavar="OUT", help="one JSON line per picture or frame; - is standard output")
    parser.add_argument("--csv", metavar="OUT", help="one line per second: faces, shares, what is dominant; - as above")
    parser.add_argument("--plot", type=Path, metavar="OUT", help="the room's emotions over time: OUT.png, .svg or .pdf")
    parser.add_argument(
        "--annotate", metavar="OUT", help="boxes, emotions and confidence drawn in: OUT.mp4, or a folder OUT/"
    )
    parser.add_argument("--min-score", type=float, metavar="S", help="leave out weaker faces, and no others")


def _execute(arguments: argparse.Namespace) -> int:
    _refuse_misuse(arguments)
    config = read_config(arguments.config)
    items = items_of(arguments.paths)
    config = msgspec.structs.replace(config, camera=(finite_camera(items[0].address),))
    began, ledger = time.monotonic(), _ledger(config, arguments)
    try:
        with Bar() as bar:
            done = work_through(items, _workshop(config, items, arguments), ledger, bar)
    except KeyboardInterrupt:
        if ledger:
            print("stopped; the same command goes on after the last file that was finished", file=sys.stderr)
        raise
    _sum_up(done, len(items), time.monotonic() - began)
    if arguments.plot:
        title = Path(items[0].source).name if len({item.source for item in items}) == 1 else ""
        plot.save(timeline_of(done.seconds), arguments.plot, title)
    if ledger:
        ledger.finish()
    return FAILED if done.complaints else OK


def _refuse_misuse(arguments: argparse.Namespace) -> None:
    if not (arguments.json or arguments.csv or arguments.plot or arguments.annotate):
        raise UsageError("analyze: say what to write: --plot OUT.png, --csv OUT, --json OUT or --annotate OUT")
    if arguments.json == arguments.csv == "-":
        raise UsageError("analyze: --json and --csv: only one can go to standard output")
    if arguments.plot:
        if arguments.plot.suffix.lower() not in plot.SUFFIXES:
            raise UsageError(f"--plot: {arguments.plot}: must end with {', '.join(plot.SUFFIXES)}")
        if not arguments.plot.parent.is_dir():
            raise UsageError(f"--plot: {arguments.plot}: there is no folder {arguments.plot.parent}")
        try:
            plot.require_matplotlib()
        except ReportError as error:
            raise UsageError(f"--plot: {error}") from error


def _workshop(config: Config, items: list[Item], arguments: argparse.Namespace) -> Workshop:
    weakest = arguments.min_score
    finder, reader = parts.detector(config, weakest), parts.classifier(config)
    return Workshop(
        source=lambda address: cameras.source(config, finite_camera(address)),
        pipeline=lambda: parts.pipeline_of(config, finder, reader, weakest),
        camera=config.camera[0].name,
        min_score=float("-inf") if weakest is None else weakest,
        lines=Growing("--json", arguments.json) if arguments.json else None,
        table=Growing("--csv", arguments.csv, HEADER) if arguments.csv else None,
        albums=places(items, arguments.annotate) if arguments.annotate else [],
    )


def _ledger(config: Config, arguments: argparse.Namespace) -> Ledger | None:
    """Choose where finished work is noted: beside the first output; nowhere where one goes down a pipe."""
    outputs = [arguments.json, arguments.csv, arguments.plot, (arguments.annotate or "").rstrip("/")]
    if "-" in outputs:
        return None
    first = Path(next(output for output in outputs if output))
    model = parts.classifier_file(config) if config.inference.model else None
    stamp = model.stat().st_mtime_ns if model and model.exists() else 0
    everything = [__version__, msgspec.to_builtins(config), list(map(str, outputs)), str(arguments.min_score), stamp]
    work = hashlib.sha256(msgspec.json.encode(everything)).hexdigest()
    return Ledger(first.with_name(f"{first.name}.progress"), work)


def _sum_up(done: Done, files: int, took_seconds: float) -> None:
    """Tell on standard error what was done, and how fast where it was a video."""
    length = len(done.seconds)
    before = f", {done.resumed} of them before" if done.resumed else ""
    print(
        f"{files} file{'s' if files != 1 else ''}{before}: {done.frames} pictures, "
        f"{length} second{'s' if length != 1 else ''} of the timeline, in {took_seconds:.1f} s",
        file=sys.stderr,
    )


COMMAND = Command(
    name="analyze",
    help="read files and write what the faces say: lines, a table, a timeline, annotated pictures",
    epilog=(
        "Work that is interrupted goes on, with the same command, after the last file\n"
        "that was finished; until then OUT.progress lies beside the first output.\n\n"
        "examples:\n"
        "  emotiond analyze lesson.mp4 --plot timeline.png\n"
        "  emotiond analyze lesson.mp4 --csv lesson.csv --annotate seen.mp4\n"
        "  emotiond analyze pictures/ clips/ --json seen.jsonl --annotate seen/\n"
        "  emotiond analyze pictures/ --json - | jq .room\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
