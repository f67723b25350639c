"""``emotiond check``: say whether a configuration is good and the networks load."""

from __future__ import annotations

import argparse

from emotiond import cameras, delivery, parts
from emotiond.commands.command import OK, Command
from emotiond.commands.settings import add_config, read_config
from emotiond.config.reference import reference


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--keys", action="store_true", help="print every table and key instead, with its default")


def _execute(arguments: argparse.Namespace) -> int:
    if arguments.keys:
        print(reference(), end="")
        return OK
    config = read_config(arguments.config)
    for camera in config.camera:
        cameras.configured_source(config, camera)
    classifier = parts.classifier(config)
    parts.pipeline_of(config, parts.detector(config), classifier)
    login = delivery.broker(config).login
    login.password()
    login.context()
    print(f"ok: {len(config.camera)} cameras, detector {config.detector.kind}, classifier on {classifier.runtime}")
    return OK


COMMAND = Command(
    name="check",
    help="check a configuration without starting anything",
    epilog="examples:\n  emotiond check --config /etc/emotiond/emotiond.toml\n  emotiond check --keys | less\n",
    add_arguments=_add_arguments,
    execute=_execute,
)
