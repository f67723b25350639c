"""Many simulated devices on one broker: ``python -m tests.mqtt.fleet 50 100 200 400`` prints a line for each size.

Each device has a connection, a newsroom and the message classes of the daemon, and says one event and one mood a
second. Devices live in child processes, the broker and one subscriber of everything beside them: all on this machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from emotiond.mqtt.attempt import Broker
from emotiond.mqtt.clock import Clock
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.login import Login
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.publisher import Publisher
from emotiond.mqtt.topics import Topics
from emotiond.records import EMOTIONS, Frame, Mood, RoomMood, Scene
from tests.mqtt.mosquitto import Mosquitto, wait_until
from tests.mqtt.newsmaker import CAMERA, event_number

#: Devices in one process; more would measure Python's threads.
IN_ONE_PROCESS = 50
WARM_UP_SECONDS = 3.0
MEASURED_SECONDS = 15.0


class Device:
    """One device: connects like the daemon, and counts what the broker has acknowledged."""

    def __init__(self, port: int, number: int) -> None:
        topics = Topics("emotiond", f"device-{number:04}")
        self.newsroom = Newsroom(topics, Identity("test", f"boot-{number:08}"), 0.0, Clock(lambda: True, "boot"))
        broker = Broker("127.0.0.1", port, topics.device, topics.availability, Login(), protocol="5")
        self.publisher = Publisher(broker)
        self.up = threading.Event()
        self.acknowledgements = 0

    def say(self, number: int) -> int:
        """Say one event and one mood; return how many messages the connection took."""
        scores = np.full(len(EMOTIONS), 1 / len(EMOTIONS), np.float32)
        frame = Frame(CAMERA, number, 0.0, np.zeros((1, 1, 1), np.uint8), "")
        scene = Scene(frame, [], RoomMood(3, Mood("happy", 0.5, scores)), [event_number(number)])
        envelopes: list[Envelope] = [e for e in self.newsroom.scene(scene) if not e.topic.endswith("/faces")]
        return sum(self.publisher.publish(envelope, envelope.payload) is not None for envelope in envelopes)

    def connected(self) -> None:
        self.up.set()

    def lost(self) -> None:
        self.up.clear()

    def acknowledged(self, _number: int, _refusal: str) -> None:
        self.acknowledgements += 1

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Devices of this fleet listen to nothing."""


def devices(port: int, first: int, count: int) -> None:
    """Run some devices: connect, wait for a line on standard input, talk, and report as JSON."""
    fleet = [Device(port, first + number) for number in range(count)]
    for device in fleet:
        device.publisher.start(device)
    up = wait_until(lambda: all(device.up.is_set() for device in fleet), 60)
    print(json.dumps({"up": up}), flush=True)  # noqa: T201
    sys.stdin.readline()
    said, began, second = 0, time.monotonic(), 0
    while time.monotonic() - began < WARM_UP_SECONDS + MEASURED_SECONDS:
        for number, device in enumerate(fleet):
            due = began + second + number / count
            time.sleep(max(0.0, due - time.monotonic()))
            said += device.say(second)
        second += 1
    wait_until(lambda: sum(device.acknowledgements for device in fleet) >= said, 20)
    taken = sum(device.acknowledgements for device in fleet)
    print(json.dumps({"said": said, "acknowledged": taken, "rounds": second}), flush=True)  # noqa: T201
    for device in fleet:
        device.publisher.stop()


class Audience:
    """One subscriber of everything: counts events, and how old they are when they arrive."""

    def __init__(self, port: int) -> None:
        self.ages: list[float] = []
        self.events: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.began = float("inf")
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id="audience", protocol=paho.MQTTv5)
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("emotiond/+/+/event", qos=1)
        self.client.loop_start()

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        event = json.loads(message.payload)
        self.events[event["boot_id"]][event["seq"]] += 1
        if time.monotonic() >= self.began + WARM_UP_SECONDS:
            self.ages.append(time.time() - datetime.fromisoformat(event["time"]).timestamp())


def measure(count: int, folder: Path) -> str:
    """Run a fleet and put what came of it into one line of the table."""
    broker = Mosquitto(folder, extra="log_type none").start()
    audience = Audience(broker.port)
    children = []
    for first in range(0, count, IN_ONE_PROCESS):
        arguments = ["devices", str(broker.port), str(first), str(min(IN_ONE_PROCESS, count - first))]
        command = [sys.executable, "-m", "tests.mqtt.fleet", *arguments]
        children.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    up = [json.loads(child.stdout.readline())["up"] for child in children if child.stdout]
    assert broker.process is not None
    before, audience.began = _cpu_seconds(broker.process.pid), time.monotonic()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    reports = [json.loads(child.stdout.readline()) for child in children if child.stdout]
    took = time.monotonic() - audience.began
    busy = (_cpu_seconds(broker.process.pid) - before) / took
    for child in children:
        child.communicate()
    said, taken = sum(report["said"] for report in reports), sum(report["acknowledged"] for report in reports)
    audience.client.disconnect()
    audience.client.loop_stop()
    broker.stop()
    p50, p95 = np.percentile(audience.ages, [50, 95]) * 1000
    arrived = sum(len(numbers) for numbers in audience.events.values())
    rounds = min(report["rounds"] for report in reports)
    seconds = WARM_UP_SECONDS + MEASURED_SECONDS
    return (
        f"| {count} | {'yes' if all(up) else 'no'} | {min(1.0, rounds / seconds):.0%} | {said / took:.0f} | {taken / said:.1%} | "
        f"{arrived / (said / 2):.1%} | {p50:.0f} | {p95:.0f} | {busy:.0%} |"
    )


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main(arguments: list[str]) -> None:
    if arguments[0] == "devices":
        devices(*(int(argument) for argument in arguments[1:]))
        return
    columns = "devices, connected, rate kept, messages/s, acknowledged, events arrived, p50 ms, p95 ms, broker CPU"
    print(f"| {columns.replace(', ', ' | ')} |\n|{'---|' * 9}")  # noqa: T201
    for count in arguments:
        with tempfile.TemporaryDirectory() as folder:
            print(measure(int(count), Path(folder)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
