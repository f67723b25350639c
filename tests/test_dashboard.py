"""The example dashboard shows entities that there are, and all that people look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from emotiond import delivery
from emotiond.config import Camera, Config, Mqtt
from emotiond.records import EMOTIONS

DASHBOARD = Path(__file__).parents[1] / "examples" / "home-assistant-dashboard.yaml"


def entities_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key in ("entity", "entity_id"))
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from entities_in(inner)


def test_every_entity_of_the_dashboard_is_one_that_home_assistant_is_told_of():
    config = Config(camera=(Camera(name="desk"),), mqtt=Mqtt(device="box"))
    told = json.loads(delivery.homeassistant(config).discovery().payload)["cmps"].values()
    there_are = {component["default_entity_id"] for component in told}
    dashboard = yaml.safe_load(DASHBOARD.read_text())
    shown = set(entities_in(dashboard))
    assert shown <= there_are
    assert {f"sensor.emotiond_box_desk_{emotion}" for emotion in EMOTIONS} <= shown
    assert {"sensor.emotiond_box_desk_mood", "event.emotiond_box_desk_event"} <= shown
    assert dashboard["title"]
    assert all("type" in card for view in dashboard["views"] for card in view["cards"])
