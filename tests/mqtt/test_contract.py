"""The contract is code: what is printed, what is checked in, and what is sent are one and the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from emotiond import __version__
from emotiond.mqtt.clock import Clock
from emotiond.mqtt.contract import SCHEMA, FaceEvent, QueueHealth
from emotiond.mqtt.newsroom import Identity, Newsroom
from emotiond.mqtt.requests import COMMANDS
from emotiond.mqtt.schema import CHANNELS, asyncapi, json_schema
from emotiond.mqtt.topics import Topics
from emotiond.records import (
    EMOTIONS,
    UNKNOWN,
    Box,
    CameraLoad,
    CameraReport,
    CameraState,
    DeviceHealth,
    Face,
    FaceMood,
    Frame,
    Mood,
    Request,
    RoomMood,
    Scene,
)
from tests.mqtt.newsmaker import event_number
from tests.mqtt.subscriber import against_the_contract

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
SPECIFICATION = "@asyncapi/specs@6.11.1"


def newsroom(*, clock_set: bool = True) -> Newsroom:
    return Newsroom(Topics("emotiond", "box"), Identity("1", "abcdefgh"), 1.0, Clock(lambda: clock_set, "boot"))


def printed(*arguments: str) -> str:
    command = [sys.executable, "-m", "emotiond", "schema", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout


def test_the_json_schema_is_a_schema_and_is_what_the_command_prints() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json.loads(printed()) == json_schema()


def test_the_document_that_is_checked_in_is_current() -> None:
    assert yaml.safe_load(DOCUMENT.read_text()) == asyncapi(__version__), "emotiond schema --format asyncapi renews it"
    assert printed("--format", "asyncapi") == DOCUMENT.read_text()


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi(__version__)

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            here = [node["$ref"]] if "$ref" in node else []
            return here + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    found = references(document)
    assert len(found) > 40
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert len(addresses) == len(CHANNELS) + 2 * len(COMMANDS)


def test_the_document_obeys_the_official_schema(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is missing, which has AsyncAPI's own schema; the structure is tested without it")
    pack = ["npm", "pack", "--silent", SPECIFICATION]
    done = subprocess.run(pack, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        pytest.skip(f"{SPECIFICATION} cannot be had: {done.stderr.strip().splitlines()[-1:]}")
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as archive:
        member = archive.extractfile("package/schemas/3.0.0.json")
        assert member is not None
        official = json.load(member)
    errors = list(Draft7Validator(official).iter_errors(asyncapi(__version__)))
    assert [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in errors] == []


@pytest.mark.parametrize("clock_set", [True, False])
def test_everything_that_the_newsroom_writes_obeys_the_contract(*, clock_set: bool) -> None:
    room = newsroom(clock_set=clock_set)
    scores = np.full(7, 1 / 7, np.float32)
    moods = [Mood(UNKNOWN, 0.2, scores), Mood("happy", 1.0, scores)]
    faces = [FaceMood(Face(Box(-5, 2, 30, 30), 1.0), mood, track) for mood, track in zip(moods, (None, 7), strict=True)]
    frame = Frame("desk", 0, 0.0, np.zeros((20, 30, 3), np.uint8), "s")
    events = [event_number(number) for number in range(6)]
    envelopes = room.scene(Scene(frame, faces, RoomMood(2, moods[1]), events))
    envelopes += room.empty("desk")
    report = CameraReport("desk", CameraState.OFFLINE, "gone", 5, 1)
    health = DeviceHealth(1.0, 2.0, 0.1, 0.2, None, None)
    envelopes += room.cameras(
        [report], {"desk": CameraLoad()}, lambda: health, lambda: QueueHealth(0, 0, 0, 0, 0, 0, "")
    )
    envelopes.append(room.answer(Request("ping", "t"), {"pong": True}))
    assert len({envelope.topic for envelope in envelopes}) == 6
    assert [against_the_contract(envelope.topic, envelope.payload) for envelope in envelopes] == [[]] * len(envelopes)
    marked = [json.loads(envelope.payload).get("clock") for envelope in envelopes if envelope.event]
    assert marked == [None if clock_set else "unset"] * 6


def test_the_contract_notices_what_is_wrong() -> None:
    event = json.loads(newsroom().events([event_number(0)])[0].payload)
    for change in ({"seq": 0}, {"emotion": "bored"}, {"confidence": 2}, {"time": "yesterday"}, {"box": [1]}):
        assert against_the_contract("emotiond/box/desk/event", json.dumps(event | change).encode())


def test_the_words_of_the_contract_are_those_of_the_records() -> None:
    schema = json_schema()["$defs"]["FaceEvent"]["properties"]
    assert schema["emotion"]["enum"] == [*EMOTIONS, UNKNOWN]
    states = json_schema()["$defs"]["CameraHealth"]["properties"]["state"]["enum"]
    assert {state.value for state in CameraState} <= set(states)


def test_a_subscriber_may_meet_fields_that_it_does_not_know() -> None:
    event = newsroom().events([event_number(1)])[0]
    more = json.loads(event.payload) | {"of_a_later_version": 1}
    assert msgspec.json.decode(json.dumps(more), type=FaceEvent).schema == SCHEMA
    assert against_the_contract(event.topic, json.dumps(more).encode()) == []
