"""``emotiond run``: the daemon."""

from __future__ import annotations

import argparse
import faulthandler
import signal

from emotiond import assembly, cameras
from emotiond.commands.command import FAILED, OK, Command
from emotiond.commands.settings import add_config, read_config, with_source
from emotiond.config import Config
from emotiond.system.journal import set_up_logging


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--source", metavar="S", help="camera, address, file or folder, in place of the configured ones"
    )
    parser.add_argument(
        "--outlet", choices=("mqtt", "stdout"), default="mqtt", help="where messages go (default: mqtt)"
    )


def _execute(arguments: argparse.Namespace) -> int:
    def read() -> Config:
        config = with_source(read_config(arguments.config), arguments.source)
        for camera in config.camera:
            cameras.configured_source(config, camera)
        return config

    config = read()
    set_up_logging(config.log.level)
    # When the watchdog ends us, the journal gets the line at which each thread stood.
    faulthandler.enable()
    service = assembly.service(config, arguments.outlet, read)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    signal.signal(signal.SIGHUP, lambda *_: service.reload())
    return OK if service.run() else FAILED


COMMAND = Command(
    name="run",
    help="read cameras and publish what the faces say",
    epilog=(
        "examples:\n"
        "  emotiond run\n"
        "  emotiond run --source /dev/video0 --outlet stdout\n"
        "  emotiond run --source rtsp://camera.local/stream --config my.toml\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
