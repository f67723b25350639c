"""``emotiond ha``: what Home Assistant is told, and how it forgets us."""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace

import msgspec

from emotiond import delivery
from emotiond.commands.command import OK, Command
from emotiond.commands.settings import add_config, read_config
from emotiond.config import Config
from emotiond.mqtt.publisher import Publisher
from emotiond.mqtt.purge import Purge

#: How long a purge may take.
PURGE_SECONDS = 20.0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "action", choices=("show", "purge"), help="show: print the discovery message; purge: clear all that is retained"
    )
    parser.add_argument("--device", metavar="NAME", help="a device of another name, such as this one's former name")
    parser.add_argument("--force", action="store_true", help="purge even while the device is online")


def _execute(arguments: argparse.Namespace) -> int:
    config = read_config(arguments.config)
    if arguments.device:
        config = msgspec.structs.replace(config, mqtt=msgspec.structs.replace(config.mqtt, device=arguments.device))
    if arguments.action == "show":
        print(msgspec.json.format(delivery.homeassistant(config).discovery().payload).decode())
        return OK
    return _purge(config, force=arguments.force)


def _purge(config: Config, *, force: bool) -> int:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="emotiond: %(message)s")
    broker = delivery.broker(config)
    # Another client id and no last will: the daemon must not be thrown out, nor an empty topic be filled again.
    publisher = Publisher(replace(broker, client_id=f"{broker.client_id}-purge", availability=""))
    purge = Purge(publisher, delivery.topics(config), delivery.homeassistant(config).discovery_topic, PURGE_SECONDS)
    cleared = purge.run(force=force)
    for topic in cleared:
        print(topic)
    print(f"{len(cleared)} topics cleared")
    return OK


COMMAND = Command(
    name="ha",
    help="Home Assistant: show the discovery message, or clear all that the broker keeps of this device",
    epilog="examples:\n  emotiond ha show\n  emotiond ha purge\n  emotiond ha purge --device its-former-name\n",
    add_arguments=_add_arguments,
    execute=_execute,
)
