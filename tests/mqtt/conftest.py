from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from emotiond.config import Camera, Config, Mqtt, Spool
from tests.mqtt.certificates import authority
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.newsmaker import CAMERA, Newsmaker
from tests.mqtt.subscriber import Subscriber

#: The full counts of faults take minutes: ``make test-long``.
LONG = os.environ.get("EMOTIOND_LONG") == "1"


@pytest.fixture
def new_mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    brokers: list[Mosquitto] = []

    def start(**settings: Any) -> Mosquitto:
        broker = Mosquitto(tmp_path / f"broker{len(brokers)}", **settings)
        brokers.append(broker)
        return broker.start()

    yield start
    for broker in brokers:
        broker.stop()


@pytest.fixture
def broker(new_mosquitto: Callable[..., Mosquitto]) -> Mosquitto:
    return new_mosquitto(persistence=True)


@pytest.fixture
def subscribe() -> Iterator[Callable[..., Subscriber]]:
    subscribers: list[Subscriber] = []

    def start(port: int, **settings: Any) -> Subscriber:
        subscriber = Subscriber(port, name=f"s{len(subscribers)}", **settings)
        subscribers.append(subscriber)
        return subscriber

    yield start
    for subscriber in subscribers:
        subscriber.close()
    assert [subscriber.wrong for subscriber in subscribers] == [[]] * len(subscribers)


@pytest.fixture
def new_newsmaker() -> Iterator[Callable[..., Newsmaker]]:
    running: list[Newsmaker] = []

    def start(config: Config, *rest: Any) -> Newsmaker:
        newsmaker = Newsmaker(config, *rest).start()
        running.append(newsmaker)
        return newsmaker

    yield start
    for newsmaker in running:
        newsmaker.courier.close()


@pytest.fixture
def config_for(tmp_path: Path) -> Callable[..., Config]:
    """Build a configuration for a broker, with a spool on the disk and quick reconnects."""

    def build(
        port: int, *, spool: dict[str, Any] | None = None, cameras: tuple[str, ...] = (CAMERA,), **mqtt: Any
    ) -> Config:
        settings = {"device": "box", "retry_first_seconds": 0.2, "retry_longest_seconds": 0.5, "keepalive_seconds": 5}
        table = Spool(**{"directory": str(tmp_path / "state"), **(spool or {})})
        return Config(
            camera=tuple(Camera(name=name, source="synthetic:?faces=1&rate=2") for name in cameras),
            mqtt=Mqtt(**{"host": "127.0.0.1", "port": port, "spool": table, **settings, **mqtt}),
        )

    return build


def as_toml(config: Config) -> str:
    """Write a configuration as the file that says the same."""
    tables: dict[str, Any] = msgspec.to_builtins(config)
    lines: list[str] = []
    for name, table in tables.items():
        for one in table if isinstance(table, list | tuple) else [table]:
            lines.append(f"[[{name}]]" if isinstance(table, list | tuple) else f"[{name}]")
            lines += _lines(name, one)
    return "\n".join(lines)


def _lines(path: str, table: dict[str, Any]) -> list[str]:
    plain = [
        f"{key} = {msgspec.json.encode(value).decode()}" for key, value in table.items() if not isinstance(value, dict)
    ]
    for key, value in table.items():
        if isinstance(value, dict):
            plain += [f"[{path}.{key}]", *_lines(f"{path}.{key}", value)]
    return plain


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority(tmp_path_factory.mktemp("ca"), "authority")
