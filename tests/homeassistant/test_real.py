"""``make test-ha``: a real Home Assistant finds the device, follows it, misses it, and finds it again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from emotiond.config import Camera, Config, Mqtt, Spool
from emotiond.records import EMOTIONS
from tests.homeassistant.hass import DASHBOARD, EXAMPLES, START_SECONDS, HomeAssistantCore
from tests.homeassistant.visitor import Visitor
from tests.mqtt.conftest import as_toml
from tests.mqtt.mosquitto import Mosquitto, wait_until
from tests.mqtt.newsmaker import event_number
from tests.mqtt.subscriber import Subscriber
from tests.mqtt.test_contract import newsroom
from tests.ports import free_port
from tests.test_dashboard import entities_in

ROOT = os.environ.get("EMOTIOND_HA_ROOT", "")
pytestmark = pytest.mark.skipif(not ROOT, reason="EMOTIOND_HA_ROOT names no root with Home Assistant: make test-ha")
MOOD, OCCUPANCY = "sensor/emotiond_box_desk_mood", "binary_sensor/emotiond_box_desk_occupancy"
EVENT, PAUSE = "event/emotiond_box_desk_event", "switch/emotiond_box_desk_pause"
PATIENCE_SECONDS = 60.0


class House:
    """A broker, a Home Assistant, a daemon and a subscriber that reads all of their states."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Mosquitto(folder / "broker", persistence=True).start()
        self.hass = HomeAssistantCore(Path(ROOT), folder / "config", self.broker.port, free_port())
        self.hass.install()
        self.subscriber = Subscriber(self.broker.port)
        self.subscriber.client.subscribe([("ha/#", 1), ("room/#", 1)])
        self.daemon: subprocess.Popen[bytes] | None = None

    def start_daemon(self) -> None:
        source = "synthetic:?faces=3&width=480&height=270&face_pixels=60&rate=3"
        config = Config(
            camera=(Camera(name="desk", source=source),),
            mqtt=Mqtt(
                host="127.0.0.1",
                port=self.broker.port,
                device="box",
                commands=True,
                retry_first_seconds=0.3,
                retry_longest_seconds=1.0,
                spool=Spool(directory=str(self.folder / "state")),
            ),
        )
        (self.folder / "box.toml").write_text(as_toml(config))
        with (self.folder / "daemon.log").open("ab") as log:
            command = [sys.executable, "-m", "emotiond", "run", "--config", str(self.folder / "box.toml")]
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log)

    def end_daemon(self, number: signal.Signals) -> None:
        if self.daemon is not None:
            self.daemon.send_signal(number)
            self.daemon.wait(30)
            self.daemon = None

    def state(self, entity: str) -> str | None:
        message = self.subscriber.last(f"ha/{entity}/state")
        return message.payload.decode() if message else None

    def becomes(self, entity: str, *states: str, seconds: float = PATIENCE_SECONDS) -> bool:
        assert wait_until(lambda: self.state(entity) in states, seconds), f"{entity} is {self.state(entity)}"
        return True

    def close(self) -> None:
        self.end_daemon(signal.SIGTERM)
        self.hass.stop()
        self.subscriber.close()
        self.broker.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    try:
        house.start_daemon()
        house.hass.start()
        yield house
    finally:
        house.close()


def happy_visitor(seq: int, **more: Any) -> bytes:
    (envelope,) = newsroom().events([event_number(3)])
    event = json.loads(envelope.payload)
    return json.dumps(event | {"emotion": "happy", "event_type": "enter", "seq": seq} | more).encode()


def test_every_entity_appears(house: House) -> None:
    house.becomes(MOOD, *EMOTIONS, seconds=START_SECONDS)
    house.becomes(OCCUPANCY, "on")
    house.becomes("sensor/emotiond_box_desk_faces", "3")
    house.becomes("binary_sensor/emotiond_box_desk_problem", "off")
    house.becomes(PAUSE, "off")
    scores = [f"sensor/emotiond_box_desk_{emotion}" for emotion in EMOTIONS]
    assert wait_until(lambda: any((house.state(score) or "").isdigit() for score in scores))
    assert wait_until(lambda: float(house.state("sensor/emotiond_box_desk_rate") or 0) >= 1, 45)
    assert wait_until(lambda: house.state(EVENT) is not None)
    assert house.hass.complaints() == []


def test_the_dashboard_of_the_example_shows_what_there_is(house: House, pytestconfig: pytest.Config) -> None:
    visitor = Visitor(house.hass.http_port)
    dashboard = yaml.safe_load((EXAMPLES / "home-assistant-dashboard.yaml").read_text())
    assert visitor.ask(type="lovelace/config", url_path=DASHBOARD) == dashboard
    shown = set(entities_in(dashboard))
    assert len(shown) > 10

    def silent() -> set[str]:
        states = {entity["entity_id"]: entity["state"] for entity in visitor.ask(type="get_states")}
        return {entity for entity in shown if states.get(entity) in (None, "unavailable", "unknown")}

    # Until somebody comes there is no event.
    house.subscriber.client.publish("emotiond/box/desk/event", happy_visitor(1), qos=1).wait_for_publish(10)
    assert wait_until(lambda: not silent()), silent()
    words = ["Mood of the room", "Faces in view", "The last hours", "Who came, changed, left", "Health"]
    folder = pytestconfig.rootpath / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    visitor.look(f"{DASHBOARD}/0", words, folder / "home-assistant-dashboard.png")


def test_entities_follow_the_device(house: House) -> None:
    house.subscriber.client.publish("emotiond/box/request/pause", b'{"camera": "desk"}', qos=1)
    house.becomes(PAUSE, "on")
    house.becomes(OCCUPANCY, "off")
    house.becomes(MOOD, "nobody")
    house.subscriber.client.publish("emotiond/box/request/resume", b"", qos=1)
    house.becomes(PAUSE, "off")
    house.becomes(OCCUPANCY, "on")


def test_a_killed_daemon_is_unavailable_and_comes_back(house: House) -> None:
    house.end_daemon(signal.SIGKILL)
    for entity in (MOOD, OCCUPANCY, EVENT, PAUSE):
        house.becomes(entity, "unavailable")
    house.start_daemon()
    house.becomes(MOOD, *EMOTIONS)


def test_everything_comes_back_after_the_broker_restarts(house: House) -> None:
    house.broker.stop()
    time.sleep(3)
    count = len(house.subscriber.on("emotiond/box/availability"))
    house.broker.start()
    assert wait_until(lambda: len(house.subscriber.on("emotiond/box/availability")) > count, PATIENCE_SECONDS)
    house.becomes(MOOD, *EMOTIONS, seconds=120)
    house.becomes(OCCUPANCY, "on")


def test_everything_comes_back_after_home_assistant_restarts(house: House) -> None:
    house.hass.stop()
    count = len(house.subscriber.on(f"ha/{MOOD}/state"))
    house.hass.start()
    assert wait_until(lambda: len(house.subscriber.on(f"ha/{MOOD}/state")) > count, START_SECONDS)
    house.becomes(MOOD, *EMOTIONS, seconds=120)


def test_a_late_event_fires_nothing_and_a_fresh_one_does(house: House) -> None:
    assert wait_until(lambda: house.state(EVENT) not in (None, "unavailable"), 120)
    # The device itself must say nothing meanwhile.
    house.subscriber.client.publish("emotiond/box/request/pause", b"", qos=1)
    house.becomes(OCCUPANCY, "off")
    time.sleep(2.0)
    visitors = len(house.subscriber.on("room/visitor"))
    topic = "emotiond/box/desk/event"
    house.subscriber.client.publish(topic, happy_visitor(1), qos=1).wait_for_publish(10)
    assert wait_until(lambda: len(house.subscriber.on("room/visitor")) == visitors + 1, 30)
    visitors, state = len(house.subscriber.on("room/visitor")), house.state(EVENT)
    for seq in range(2, 8):
        house.subscriber.client.publish(topic, happy_visitor(seq, backfill=True), qos=1).wait_for_publish(10)
    time.sleep(3.0)
    assert (len(house.subscriber.on("room/visitor")), house.state(EVENT)) == (visitors, state)
    house.subscriber.client.publish(topic, happy_visitor(9), qos=1).wait_for_publish(10)
    assert wait_until(lambda: len(house.subscriber.on("room/visitor")) == visitors + 1, 30)


def test_a_purge_leaves_no_ghost(house: House) -> None:
    house.end_daemon(signal.SIGTERM)
    command = [sys.executable, "-m", "emotiond", "ha", "purge", "--config", str(house.folder / "box.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr

    def registered() -> list[str]:
        registry = json.loads((house.hass.config / ".storage" / "core.entity_registry").read_text())
        return [entity["entity_id"] for entity in registry["data"]["entities"] if entity["platform"] == "mqtt"]

    # Home Assistant writes its registry some seconds later.
    assert wait_until(lambda: registered() == [], 60), registered()


def test_the_log_has_nothing_against_us(house: House) -> None:
    assert house.hass.complaints() == []
