"""Write the first configuration from the installer's options, and tell how to subscribe to what it publishes."""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

PORTS = {"mqtt": 1883, "mqtts": 8883}


def broker_values(url: str) -> dict[str, str]:
    """Return the keys of `[mqtt]`, written as TOML, that `mqtt[s]://[user@]host[:port]` means; exit where it is bad."""
    try:
        parts = urlsplit(url if "://" in url else f"mqtt://{url}")
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        sys.exit(f"--broker {url}: {error}")
    if parts.password is not None:
        sys.exit("--broker: no password here, where everybody can read it; put it into a file for --password-file")
    if not _whole(parts):
        sys.exit(f"--broker {url}: must be mqtt://HOST, or mqtts://USER@HOST:PORT")
    return {
        "host": text(parts.hostname or ""),
        "port": str(port),
        "username": text(parts.username or ""),
        "tls": "true" if parts.scheme == "mqtts" else "false",
    }


def _whole(parts: SplitResult) -> bool:
    return bool(parts.scheme in PORTS and parts.hostname and not parts.path.strip("/") and not parts.query)


def text(value: str) -> str:
    """Return `value` as a TOML string."""
    if any(ord(character) < 32 for character in value):
        sys.exit(f"{value!r}: holds a control character")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(template: Path, target: Path, values: dict[str, str]) -> None:
    """Copy the default configuration with some keys, each of which stands in it once, set to `values`."""
    config = template.read_text(encoding="utf-8")
    for key, value in values.items():
        config, count = re.subn(rf"^{key} = .*$", lambda _, line=f"{key} = {value}": line, config, flags=re.MULTILINE)
        if count != 1:
            sys.exit(f"{template}: {key} stands in it {count} times")
    target.write_text(config, encoding="utf-8")


def subscribe(target: Path) -> None:
    """Print the command that shows what the service publishes."""
    mqtt = tomllib.loads(target.read_text(encoding="utf-8")).get("mqtt", {})
    where = f"-h {mqtt.get('host', 'localhost')} -p {mqtt.get('port', 1883)}"
    who = f" -u {mqtt['username']} -P …" if mqtt.get("username") else ""
    print(f"mosquitto_sub {where}{who} -v -t '{mqtt.get('prefix', 'emotiond')}/#'")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--template", type=Path)
    parser.add_argument("--camera")
    parser.add_argument("--broker")
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    if arguments.template is None:
        subscribe(arguments.target)
        return
    values = broker_values(arguments.broker) if arguments.broker else {}
    if arguments.camera:
        values["source"] = text(arguments.camera)
    write(arguments.template, arguments.target, values)


if __name__ == "__main__":
    main()
