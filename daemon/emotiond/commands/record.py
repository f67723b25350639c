"""``emotiond record``: the mood of the room, written down once a second."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

import msgspec

from emotiond import assembly, cameras, delivery
from emotiond.commands.command import FAILED, MISUSED, OK, Command
from emotiond.commands.settings import add_broker, add_config, read_config, visitor, with_broker, with_source
from emotiond.config import Config
from emotiond.mqtt.publisher import Publisher
from emotiond.report.ears import Inside, Subscriber
from emotiond.report.growing import Growing, OutputError
from emotiond.report.recorder import Recorder, write_down
from emotiond.report.spreadsheet import HEADER


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--csv", required=True, metavar="OUT", help="one line per camera and second; one that exists is continued"
    )
    parser.add_argument("--hours", type=float, metavar="N", help="how long (default: until it is stopped)")
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--source", metavar="S", help="camera, address or file, in place of the configured ones")
    ways.add_argument("--from-broker", action="store_true", help="from the topics of a device that runs")
    add_broker(parser)


def _execute(arguments: argparse.Namespace) -> int:
    if arguments.hours is not None and not 0.0 < arguments.hours < 1e6:
        print(f"emotiond: --hours: must be above 0, not {arguments.hours:g}", file=sys.stderr)
        return MISUSED
    config = with_broker(with_source(read_config(arguments.config), arguments.source), arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="emotiond: %(message)s")
    table = Growing("--csv", arguments.csv, HEADER)
    recorder = Recorder(delivery.topics(config))
    seconds = arguments.hours * 3600.0 if arguments.hours else None
    record = _from_broker if arguments.from_broker else _from_source
    rows, whole = record(config, recorder, table, seconds)
    print(f"{rows} lines written to {arguments.csv}", file=sys.stderr)
    return OK if whole else FAILED


def _from_broker(config: Config, recorder: Recorder, table: Growing, seconds: float | None) -> tuple[int, bool]:
    publisher = Publisher(visitor(config, "record"))
    table.go_on()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    publisher.start(Subscriber(publisher, recorder))
    try:
        return write_down(recorder, table, stop, seconds), True
    finally:
        publisher.stop()
        table.close()


def _from_source(config: Config, recorder: Recorder, table: Growing, seconds: float | None) -> tuple[int, bool]:
    # A mood for each second is what the table wants, whatever subscribers are told.
    config = msgspec.structs.replace(config, mood=msgspec.structs.replace(config.mood, interval_seconds=1.0))
    for camera in config.camera:
        cameras.configured_source(config, camera)
    service = assembly.service(config, Inside(recorder), lambda: config)
    table.go_on()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    rows: list[int] = []
    failures: list[OutputError] = []

    def write() -> None:
        try:
            rows.append(write_down(recorder, table, stop, seconds))
        except OutputError as error:
            failures.append(error)
        service.stop()

    writer = threading.Thread(target=write, name="record", daemon=True)
    writer.start()
    whole = service.run()
    stop.set()
    writer.join()
    table.close()
    if failures:
        raise failures[0]
    return sum(rows), whole


COMMAND = Command(
    name="record",
    help="write the mood of the room down once a second, for `emotiond report`",
    epilog=(
        "Ends after --hours, with Ctrl-C, or with the source, and what is written so far\n"
        "is always whole.\n\n"
        "examples:\n"
        "  emotiond record --hours 8 --csv room.csv\n"
        "  emotiond record --source /dev/video0 --csv room.csv\n"
        "  emotiond record --from-broker --host box.local --device box --csv room.csv\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
