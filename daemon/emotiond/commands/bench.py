"""``emotiond bench``: measure what this machine and these settings give."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emotiond.bench import speed, wording
from emotiond.bench.chart import ChartError, draw, figures
from emotiond.bench.clip import watch, write_strip
from emotiond.bench.mood import PLAYS, SEED_STEP, lines, measure
from emotiond.bench.reel import rendered
from emotiond.bench.scene import Faults
from emotiond.bench.swing import Swings
from emotiond.bench.table import load_table
from emotiond.commands.command import FAILED, MISUSED, OK, Command, UsageError
from emotiond.commands.settings import add_config, read_config
from emotiond.records import PixelFormat


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    usual = Faults()
    parser.add_argument("--mood", action="store_true", help="tracks, moods and events against a known truth")
    parser.add_argument("--clip", metavar="FILE", help="a real video file in place of generated scenes")
    _add_speed(parser)
    parser.add_argument("--strip", type=Path, metavar="PNG", help="with --mood --clip: write a strip of pictures")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which scenes are generated (default: 1)")
    parser.add_argument(
        "--plays", type=int, default=PLAYS, metavar="N", help=f"how often each is played anew (default: {PLAYS})"
    )
    for name, what in (
        ("centre-jitter", "noise of a box's place, as a share of the face"),
        ("size-jitter", "noise of its size"),
        ("miss-share", "share of the frames in which a visible face is missed"),
        ("miss-seconds", "how long it is then missed"),
        ("weak-share", "share of its detections that are weak"),
    ):
        default = getattr(usual, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=float, default=default, metavar="X", help=f"{what} (default: {default})")
    parser.add_argument(
        "--swings",
        type=Swings,
        choices=list(Swings),
        default=usual.swings,
        help="readings swing as those of well seen faces, of small ones, or each is a stranger's (default: %(default)s)",
    )


def _add_speed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--faces", type=_counts, metavar="N,N", help="scenes with as many faces (default: 1 to 64, and an empty room)"
    )
    parser.add_argument(
        "--sizes", type=_sizes, default=speed.SIZES, metavar="WxH,…", help="in these sizes (default: 480p, 720p, 1080p)"
    )
    parser.add_argument(
        "--format",
        choices=[*PixelFormat, speed.MJPEG],
        default="bgr",
        help="as a camera gives its pixels (default: bgr)",
    )
    parser.add_argument(
        "--seconds", type=float, default=2.0, metavar="S", help="how long each scene is measured, twice (default: 2)"
    )
    parser.add_argument("--start", action="store_true", help="also the service's start and memory, as its own process")
    parser.add_argument("--compare", action="store_true", help="also the naive pipeline, the kernels, installed peers")
    parser.add_argument(
        "--peer-python", metavar="PROGRAM", default=sys.executable, help="an interpreter that has `fer` or Keras"
    )
    parser.add_argument("--peer-keras", type=Path, metavar="HDF5", help="mini_XCEPTION, to be compared on Keras")
    parser.add_argument("--onnx", type=Path, metavar="FILE", help="our network for ONNX Runtime")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw frames per second and latency over faces")


def _execute(arguments: argparse.Namespace) -> int:
    complaint = _misuse(arguments)
    if complaint:
        print(f"emotiond: {complaint}", file=sys.stderr)
        return MISUSED
    return _mood(arguments) if arguments.mood else _speed(arguments)


def _speed(arguments: argparse.Namespace) -> int:
    config = read_config(arguments.config)
    _check_outputs(arguments)
    if arguments.faces is None:
        reels = speed.usual(arguments.sizes, arguments.format)
    else:
        reels = speed.scenes(arguments.faces, arguments.sizes, arguments.format)
    if arguments.clip is not None:
        reels = [speed.clip(config, arguments.clip)]
    report = speed.measure(config, reels, arguments.seconds, _tell)
    if arguments.start:
        speed.start(report, arguments.config, min(arguments.seconds, 5.0), _tell)
    if arguments.compare:
        rivals = speed.Rivals(arguments.peer_python, arguments.peer_keras, arguments.onnx)
        reel = rendered(*speed.COMPARED) if arguments.clip is None else reels[0]()
        speed.compare(report, config, reel, rivals, _tell)
    print("\n".join(wording.lines(report)))
    try:
        if arguments.json is not None:
            arguments.json.write_bytes(report.json())
        if arguments.plot is not None:
            draw(report, arguments.plot)
    except (ChartError, OSError) as error:
        print(f"emotiond: {error}", file=sys.stderr)
        return FAILED
    return OK


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Complain now rather than after minutes."""
    for path in (arguments.json, arguments.plot):
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"{path}: there is no folder {path.parent}")
    if arguments.plot is not None:
        try:
            figures()
        except ChartError as error:
            raise UsageError(str(error)) from error


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(int(word) for word in text.split(","))
    if not all(0 <= count <= 300 for count in counts):
        raise argparse.ArgumentTypeError("a scene has 0 to 300 faces")
    return counts


def _sizes(text: str) -> tuple[tuple[int, int], ...]:
    sizes = tuple((int(width), int(height)) for width, _, height in (word.partition("x") for word in text.split(",")))
    if not all(64 <= side <= 7680 and side % 2 == 0 for size in sizes for side in size):
        raise argparse.ArgumentTypeError("a side has 64 to 7680 pixels, by twos")
    return sizes


def _mood(arguments: argparse.Namespace) -> int:
    config = read_config(arguments.config)
    if arguments.clip is None:
        table = load_table()
        faults = Faults(
            centre_jitter=arguments.centre_jitter,
            size_jitter=arguments.size_jitter,
            miss_share=arguments.miss_share,
            miss_seconds=arguments.miss_seconds,
            weak_share=arguments.weak_share,
            swings=arguments.swings,
        )
        print(f"readings: {table.made_from}, {table.accuracy:.1%} right; {faults}")
        seeds = range(arguments.seed, arguments.seed + SEED_STEP * arguments.plays, SEED_STEP)
        results = measure(config, table, faults, seeds, _tell)
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
    if arguments.strip is not None and (arguments.clip is None or not arguments.mood):
        return "bench: --strip needs --mood and --clip"
    if not 0.1 <= arguments.seconds <= 3600.0:
        return f"bench: --seconds: must be from 0.1 to 3600, not {arguments.seconds:g}"
    for name in ("miss_share", "weak_share"):
        if not 0.0 <= getattr(arguments, name) < 1.0:
            option = name.replace("_", "-")
            return f"bench: --{option}: must be at least 0 and below 1, not {getattr(arguments, name):g}"
    for name in ("plays", "miss_seconds"):
        if getattr(arguments, name) <= 0:
            return f"bench: --{name.replace('_', '-')}: must be above 0, not {getattr(arguments, name):g}"
    if min(arguments.centre_jitter, arguments.size_jitter) < 0.0 or arguments.seed < 0:
        return "bench: --centre-jitter, --size-jitter and --seed: must not be below 0"
    return ""


COMMAND = Command(
    name="bench",
    help="measure speed; with --mood tracks, moods and events",
    epilog=(
        "examples:\n"
        "  emotiond bench --json speed.json --plot speed.png\n"
        "  emotiond bench --faces 20,40 --sizes 1280x720 --compare\n"
        "  emotiond bench --clip lesson.mp4 --seconds 5\n"
        "  emotiond bench --mood\n"
        "  emotiond bench --mood --plays 1\n"
        "  emotiond bench --mood --swings far\n"
        "  emotiond bench --mood --clip lesson.mp4 --strip lesson.png\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
