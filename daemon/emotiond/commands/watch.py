"""``emotiond watch``: the rooms live, in a terminal."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from rich.console import Console
from rich.live import Live

from emotiond import delivery
from emotiond.commands.command import OK, Command, UsageError
from emotiond.commands.settings import add_broker, add_config, read_config, visitor, with_broker
from emotiond.mqtt.publisher import Publisher
from emotiond.watch.screen import screen
from emotiond.watch.view import Onlooker, View, show_until

#: More often than this nobody can read it.
PAUSE_SECONDS = 0.25


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_broker(parser)


def _execute(arguments: argparse.Namespace) -> int:
    if not sys.stdout.isatty():
        raise UsageError("watch: needs a terminal; for pipes there is mosquitto_sub -v -t 'emotiond/#'")
    config = with_broker(read_config(arguments.config), arguments)
    # Of another broker it is not known which devices speak there: all of them, then.
    device = None if arguments.host and not arguments.device else delivery.topics(config).device
    view = View(config.mqtt.prefix, device)
    broker = visitor(config, "watch")
    publisher = Publisher(broker)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    console = Console()
    publisher.start(Onlooker(publisher, view))
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:

            def show() -> None:
                size = console.size
                words = screen(view, str(broker), size.width, size.height, ascii_only=console.options.ascii_only)
                live.update(words, refresh=True)

            show_until(stop, view, show, PAUSE_SECONDS)
    finally:
        publisher.stop()
    return OK


COMMAND = Command(
    name="watch",
    help="see the rooms live in a terminal: moods as bars, faces, rates, health, the last events",
    epilog=(
        "Reads the broker and changes nothing. Ctrl-C ends it. With --host and without\n"
        "--device it shows every device of that broker.\n\n"
        "examples:\n"
        "  emotiond watch\n"
        "  emotiond watch --host box.local --username reader --password-file ~/password\n"
        "  emotiond watch --host box.local --device box\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
