"""Every recipe of docs/mqtt.md and docs/fleet.md is run, with the program it is for."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from emotiond.mqtt.contract import Envelope
from tests.mqtt.mosquitto import Mosquitto, wait_until
from tests.mqtt.newsmaker import Newsmaker
from tests.mqtt.subscriber import Subscriber
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
#: What the broker's log says of mosquitto_sub, and of no daemon.
SUBSCRIBED = re.compile(r"Sending SUBACK to (?:auto-|my-desk)")
EXAMPLES = ROOT / "examples"
#: Where Node-RED is, if anywhere: ``npm install --prefix DIR node-red`` and EMOTIOND_NODE_RED=DIR.
NODE_RED = os.environ.get("EMOTIOND_NODE_RED", "")


@contextmanager
def running(command: list[str], folder: Path, **more: Any) -> Iterator[Path]:
    """Run a program until the block ends; give the file that its words go to."""
    words = folder / "words"
    with words.open("w") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, **more) as child:
        try:
            yield words
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


def shell_lines(document: str, program: str) -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / document).read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith(program)]
    return [shlex.split(line, comments=True) for line in lines]


def test_the_python_subscriber_prints_every_event_once(
    broker: Mosquitto, new_newsmaker: Callable[..., Newsmaker], config_for: Any, tmp_path: Path
) -> None:
    program = [sys.executable, str(EXAMPLES / "subscriber.py"), "127.0.0.1", str(broker.port)]
    with running(program, tmp_path) as words:
        assert wait_until(lambda: "emotiond-example" in broker.log and "SUBSCRIBE" in broker.log)
        news = new_newsmaker(config_for(broker.port))
        news.make(10)
        assert wait_until(lambda: words.read_text().count("0 missing") == 10)
        broker.stop()
        news.make(10)
        assert wait_until(lambda: news.courier.health().spooled == 10)
        broker.start()
        assert wait_until(lambda: words.read_text().count("(late), 0 missing") == 10)
        assert len(words.read_text().splitlines()) == 20


def test_the_lines_for_mosquitto_sub_show_what_they_say(
    broker: Mosquitto, new_newsmaker: Callable[..., Newsmaker], config_for: Any, tmp_path: Path
) -> None:
    lines = shell_lines("mqtt.md", "mosquitto_sub")
    assert len(lines) >= 2
    for number, line in enumerate(lines):
        folder = tmp_path / str(number)
        folder.mkdir()
        command = [*line, "-p", str(broker.port)]
        command[command.index("-h") + 1] = "127.0.0.1"
        with running(command, folder) as words:
            assert wait_until(lambda count=number + 1: len(SUBSCRIBED.findall(broker.log)) == count)
            news = new_newsmaker(config_for(broker.port, device=f"box{number}"))
            news.courier.send(Envelope(f"emotiond/box{number}/desk/availability", b"online", retain=True))
            news.make(3)
            assert wait_until(lambda words=words: len(words.read_text().splitlines()) >= 3), command
            news.courier.close()


@pytest.mark.skipif(not NODE_RED, reason="EMOTIOND_NODE_RED names no folder with an installed node-red")
def test_the_flow_runs_in_node_red(
    broker: Mosquitto,
    subscribe: Callable[..., Subscriber],
    new_newsmaker: Callable[..., Newsmaker],
    config_for: Any,
    tmp_path: Path,
) -> None:
    flow = json.loads((EXAMPLES / "node-red-flow.json").read_text())
    for node in flow:
        if node["type"] == "mqtt-broker":
            node["broker"], node["port"] = "127.0.0.1", str(broker.port)
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    program = Path(NODE_RED) / "node_modules" / "node-red" / "red.js"
    port = str(free_port())
    command = [shutil.which("node") or "node", str(program), "-u", str(tmp_path / "red"), "-p", port]
    subscriber = subscribe(broker.port)
    subscriber.client.subscribe("room/#", qos=1)
    with running([*command, str(tmp_path / "flow.json")], tmp_path) as words:
        assert wait_until(lambda: "Connected to broker" in words.read_text(), 90), words.read_text()
        news = new_newsmaker(config_for(broker.port))
        news.make(3)
        sentences = [message.payload.decode() for message in subscriber.wait_for("room/words", 3)]
        assert sentences[0] == "desk: face 1000 enter angry"
        late = subscriber.events()[0] | {"backfill": True, "seq": 99}
        subscriber.client.publish("emotiond/box/desk/event", json.dumps(late), qos=1).wait_for_publish(10)
        news.make(1)
        said = [message.payload for message in subscriber.wait_for("room/words", 4)]
        assert said[3] == b"desk: face 1001 enter happy", "a late event makes no sentence"


def test_the_automation_is_yaml_for_an_entity_that_there_is() -> None:
    (automation,) = yaml.safe_load((EXAMPLES / "home-assistant-automation.yaml").read_text())
    assert automation["triggers"][0]["entity_id"] == "event.emotiond_box_desk_event"


def bridge(central: Mosquitto, device: Mosquitto) -> None:
    """Write the example's bridge for brokers on loopback."""
    text = (EXAMPLES / "mosquitto-bridge.conf").read_text()
    section = text[text.index("connection central") :]
    section = re.sub(r"address .*", f"address 127.0.0.1:{central.port}", section)
    section = re.sub(r"(bridge_cafile|remote_username|remote_password) .*\n", "", section)
    assert section.count("topic ") >= 4
    device.extra = section


def test_a_bridge_that_is_cut_and_restored_passes_everything_on(
    new_mosquitto: Callable[..., Mosquitto],
    subscribe: Callable[..., Subscriber],
    new_newsmaker: Callable[..., Newsmaker],
    config_for: Any,
    tmp_path: Path,
) -> None:
    central = new_mosquitto(persistence=True)
    device = Mosquitto(tmp_path / "device", persistence=True)
    bridge(central, device)
    device.start()
    try:
        subscriber = subscribe(central.port)
        news = new_newsmaker(config_for(device.port))
        news.make(20)
        assert wait_until(lambda: len(subscriber.counted()) == 20)
        central.stop()
        news.make(100, 50.0)
        assert wait_until(lambda: news.outstanding == 0), "the device's own broker takes everything meanwhile"
        central.start()
        assert wait_until(lambda: len(subscriber.counted()) == 120)
        subscriber.client.publish("homeassistant/status", b"online", qos=1)
        topic = next(m.topic for m in subscriber.messages if m.topic.startswith("homeassistant/device/"))
        assert subscriber.wait_for(topic, 2), "and what is said at the centre reaches the device"
        news.courier.close()
    finally:
        device.stop()


def test_the_access_list_keeps_devices_apart(
    new_mosquitto: Callable[..., Mosquitto],
    subscribe: Callable[..., Subscriber],
    new_newsmaker: Callable[..., Newsmaker],
    config_for: Any,
    tmp_path: Path,
) -> None:
    users = {"box": "b", "other": "o", "reader": "r"}
    central = new_mosquitto(users=users, acl=(EXAMPLES / "mosquitto-acl").read_text())
    reader = subscribe(central.port, user="reader", password=users["reader"])
    for user in ("box", "other"):
        (tmp_path / user).write_text(users[user])
    box = new_newsmaker(config_for(central.port, username="box", password_file=str(tmp_path / "box")))
    box.make(5)
    assert wait_until(lambda: len(reader.counted()) == 5)
    spool = {"directory": str(tmp_path / "spool-of-other")}
    thief = new_newsmaker(
        config_for(
            central.port,
            username="other",
            password_file=str(tmp_path / "other"),
            client_id="b",
            device="box",
            spool=spool,
        ),
        "the-boot-of-a-thief",
    )
    thief.make(5)
    assert wait_until(lambda: thief.outstanding == 0), "each of them is tried, and refused"
    assert thief.courier.health().refused >= 5
    assert {event["boot_id"] for event in reader.events()} == {"0123456789abcdef"}
