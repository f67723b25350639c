"""What Home Assistant is told, when, and that nothing is left behind. The real one: ``make test-ha``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emotiond import delivery
from emotiond.config import Config
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.homeassistant import HomeAssistant
from emotiond.mqtt.topics import Topics
from emotiond.records import EMOTIONS
from tests.mqtt.conftest import as_toml
from tests.mqtt.mosquitto import Mosquitto, wait_until
from tests.mqtt.newsmaker import Newsmaker
from tests.mqtt.subscriber import Subscriber

TOPICS = Topics("emotiond", "box")


def told(*cameras: str, commands: bool = False) -> HomeAssistant:
    return HomeAssistant("homeassistant", "emotiond-abc", TOPICS, cameras, "1.0", commands)


def components(homeassistant: HomeAssistant) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(homeassistant.discovery().payload)
    assert {"dev", "o", "cmps"} <= set(message)
    return dict(message["cmps"])


def test_every_camera_has_an_entity_of_each_kind() -> None:
    found = components(told("desk"))
    kinds = {key: component["p"] for key, component in found.items()}
    assert kinds == {
        "temperature": "sensor",
        "problem": "binary_sensor",
        "desk_event": "event",
        "desk_mood": "sensor",
        "desk_faces": "sensor",
        "desk_occupancy": "binary_sensor",
        **{f"desk_{emotion}": "sensor" for emotion in EMOTIONS},
        "desk_rate": "sensor",
        "desk_problem": "binary_sensor",
        "desk_status": "sensor",
    }
    assert len({component["unique_id"] for component in found.values()}) == len(found)
    assert all("object_id" not in component for component in found.values())


def test_a_switch_stands_where_requests_are_taken() -> None:
    switch = components(told("desk", commands=True))["desk_pause"]
    assert switch["command_topic"] == "emotiond/box/request/pause"
    assert json.loads(switch["payload_off"]) == {"camera": "desk", "paused": False}


def test_an_entity_of_a_camera_needs_device_and_camera() -> None:
    found = components(told("desk"))
    for key in ("desk_event", "desk_mood", "desk_happy", "desk_occupancy"):
        topics = [place["topic"] for place in found[key]["availability"]]
        assert topics == ["emotiond/box/availability", "emotiond/box/desk/availability"]
        assert found[key]["availability_mode"] == "all"
    assert len(found["desk_problem"]["availability"]) == 1, "a problem must be seen while the camera is away"


def test_names_that_look_alike_keep_entities_apart() -> None:
    found = components(told("front door", "front-door", "Küche", "厨房"))
    assert len(found) == 2 + 4 * (4 + len(EMOTIONS) + 3)
    assert all(re.fullmatch(r"[a-z0-9_]+", key) for key in found)


def test_entities_that_are_no_more_are_taken_back() -> None:
    before = told("desk", "door").discovery().payload
    (message,) = told("desk").without_former(before)
    assert not message.retain
    listed = json.loads(message.payload)["cmps"]
    assert {key for key, component in listed.items() if list(component) == ["p"]} == {
        key for key in listed if key.startswith("door_")
    }
    assert told("desk", "door").without_former(before) == []
    for garbage in (b"", b"null", b"[1]", b'{"cmps": 4}', b'{"cmps": {"a": 1}}', b"\xff"):
        assert told("desk").without_former(garbage) == []


def test_discovery_is_said_again_when_home_assistant_is_born(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: Callable[..., Newsmaker], config_for: Any
) -> None:
    subscriber = subscribe(broker.port)
    config = config_for(broker.port)
    new_newsmaker(config)
    topic = delivery.homeassistant(config).discovery_topic
    subscriber.wait_for(topic)
    subscriber.client.publish("homeassistant/status", b"online", qos=1)
    again = subscriber.wait_for(topic, 2)
    assert again[0].payload == again[1].payload == delivery.homeassistant(config).discovery().payload


def test_what_a_removed_camera_left_is_cleared(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: Callable[..., Newsmaker], config_for: Any
) -> None:
    before = new_newsmaker(config_for(broker.port, cameras=("desk", "door")))
    for camera in ("desk", "door"):
        before.courier.send(Envelope(f"emotiond/box/{camera}/availability", b"offline", retain=True))
    assert wait_until(lambda: before.courier.status() == "broker connected")
    before.courier.close()
    subscriber = subscribe(broker.port)
    assert subscriber.wait_for("emotiond/box/door/availability")[0].retained
    config = config_for(broker.port, cameras=("desk",))
    new_newsmaker(config)
    assert subscriber.wait_for("emotiond/box/door/availability", 2)[1].payload == b""
    assert len(subscriber.on("emotiond/box/desk/availability")) == 1
    topic = delivery.homeassistant(config).discovery_topic

    def taken_back() -> bool:
        return any(b'"door_mood":{"p":"sensor"}' in message.payload for message in subscriber.on(topic))

    assert wait_until(taken_back)
    late = subscribe(broker.port)
    assert b"door" not in late.wait_for(topic)[0].payload
    assert late.on("emotiond/box/door/availability") == []


def purge(config: Config, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "box.toml").write_text(as_toml(config))
    command = [sys.executable, "-m", "emotiond", "ha", "purge", "--config", str(folder / "box.toml"), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def test_a_purge_leaves_nothing_and_refuses_while_the_device_runs(
    broker: Mosquitto,
    subscribe: Callable[..., Subscriber],
    new_newsmaker: Callable[..., Newsmaker],
    config_for: Any,
    tmp_path: Path,
) -> None:
    config = config_for(broker.port)
    news = new_newsmaker(config)
    assert wait_until(lambda: news.courier.status() == "broker connected")
    running = subscribe(broker.port)
    assert wait_until(lambda: any(m.payload == b"online" for m in running.on("emotiond/box/availability")))
    refused = purge(config, tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "emotiond: box is online: stop it first, or it comes back; --force goes on\n"
    news.courier.close()
    done = purge(config, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("2 topics cleared\n")
    late = subscribe(broker.port)
    assert purge(config, tmp_path).stdout == "0 topics cleared\n"
    assert late.messages == []


def test_a_purge_without_a_broker_says_so(config_for: Any, tmp_path: Path, broker: Mosquitto) -> None:
    broker.stop()
    done = purge(config_for(broker.port), tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "emotiond: the broker could not be reached within 20 s"


def test_a_camera_that_is_asked_to_rest_is_no_problem_and_a_blind_one_is() -> None:
    found = components(told("desk"))
    assert "in ('online', 'paused')" in found["desk_problem"]["value_template"]
    assert found["desk_status"]["options"] == ["connecting", "online", "degraded", "offline", "paused", "ended"]
