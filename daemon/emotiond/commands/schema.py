"""``emotiond schema``: the contract of the messages, for machines."""

from __future__ import annotations

import argparse
import sys

import msgspec

from emotiond import __version__
from emotiond.commands.command import MISUSED, OK, Command
from emotiond.mqtt.schema import asyncapi, json_schema


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("json-schema", "asyncapi", "asyncapi-json"),
        default="json-schema",
        help="json-schema (default), asyncapi (YAML; needs the extra `schema`), asyncapi-json",
    )


def _execute(arguments: argparse.Namespace) -> int:
    if arguments.format == "asyncapi":
        return _print_yaml(asyncapi(__version__))
    document = json_schema() if arguments.format == "json-schema" else asyncapi(__version__)
    print(msgspec.json.format(msgspec.json.encode(document)).decode())
    return OK


def _print_yaml(document: dict[str, object]) -> int:
    try:
        import yaml  # noqa: PLC0415 - an extra: the daemon never needs it
    except ImportError:
        print("emotiond: PyYAML is missing: pip install 'emotiond[schema]', or --format asyncapi-json", file=sys.stderr)
        return MISUSED
    print(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110), end="")
    return OK


COMMAND = Command(
    name="schema",
    help="print the contract of the MQTT messages",
    epilog=(
        "examples:\n  emotiond schema > emotiond.schema.json\n  emotiond schema --format asyncapi > asyncapi.yaml\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
