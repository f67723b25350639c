"""``emotiond bench``: measure what this machine and these settings give."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emotiond.bench.clip import watch, write_strip
from emotiond.bench.mood import lines, measure
from emotiond.bench.scene import Faults
from emotiond.bench.table import load_table
from emotiond.commands.command import FAILED, MISUSED, OK, Command
from emotiond.commands.settings import add_config, read_config


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    usual = Faults()
    parser.add_argument("--mood", action="store_true", help="tracks, moods and events against a known truth")
    parser.add_argument("--clip", metavar="FILE", help="with --mood: a real video file in place of generated scenes")
    parser.add_argument("--strip", type=Path, metavar="PNG", help="with --clip: write a strip of pictures")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which scenes are generated (default: 1)")
    for name, what in (
        ("centre-jitter", "noise of a box's place, as a share of the face"),
        ("size-jitter", "noise of its size"),
        ("miss-share", "share of the frames in which a visible face is missed"),
        ("miss-seconds", "how long it is then missed"),
        ("error-seconds", "how long a misreading lasts"),
    ):
        default = getattr(usual, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=float, default=default, metavar="X", help=f"{what} (default: {default})")


def _execute(arguments: argparse.Namespace) -> int:
    complaint = _misuse(arguments)
    if complaint:
        print(f"emotiond: {complaint}", file=sys.stderr)
        return MISUSED
    config = read_config(arguments.config)
    if arguments.clip is None:
        table = load_table()
        faults = Faults(
            centre_jitter=arguments.centre_jitter,
            size_jitter=arguments.size_jitter,
            miss_share=arguments.miss_share,
            miss_seconds=arguments.miss_seconds,
            error_seconds=arguments.error_seconds,
        )
        print(f"readings: {table.made_from}, {table.accuracy:.1%} right; {faults}")
        results = measure(config, table, faults, arguments.seed, lambda line: print(line, file=sys.stderr))
        print("\n".join(lines(results)))
        return OK
    watched = watch(arguments.clip, config, draw=arguments.strip is not None)
    print("\n".join(watched.lines()))
    if arguments.strip is not None and watched.frames:
        try:
            write_strip(watched, arguments.strip)
        except OSError as error:
            print(f"emotiond: {arguments.strip}: cannot be written: {error.strerror or error}", file=sys.stderr)
            return FAILED
    return OK


def _misuse(arguments: argparse.Namespace) -> str:
    if not arguments.mood:
        return "bench: says nothing without --mood"
    if arguments.strip is not None and arguments.clip is None:
        return "bench: --strip needs --clip"
    if not 0.0 <= arguments.miss_share < 1.0:
        return f"bench: --miss-share: must be at least 0 and below 1, not {arguments.miss_share:g}"
    if min(arguments.miss_seconds, arguments.error_seconds) <= 0.0:
        return "bench: --miss-seconds and --error-seconds: must be above 0"
    if min(arguments.centre_jitter, arguments.size_jitter) < 0.0 or arguments.seed < 0:
        return "bench: --centre-jitter, --size-jitter and --seed: must not be below 0"
    return ""


COMMAND = Command(
    name="bench",
    help="measure tracks, moods and events",
    epilog=(
        "examples:\n"
        "  emotiond bench --mood\n"
        "  emotiond bench --mood --miss-share 0.14\n"
        "  emotiond bench --mood --clip lesson.mp4 --strip lesson.png\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
