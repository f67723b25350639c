"""What Home Assistant is told, so that it finds the device by itself: one retained message for all entities.

Device-based discovery: Home Assistant 2024.12 or later. Keys are its own, https://www.home-assistant.io/integrations/mqtt/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.template import Component, availability, slug_of, steady
from emotiond.mqtt.topics import Topics
from emotiond.records import EMOTIONS, CameraState

#: A number moves in Home Assistant only when it has moved this far: each new value is a row in its database.
SCORE_DEAD_BAND: Final = 4
RATE_DEAD_BAND: Final = 1
HEAT_DEAD_BAND: Final = 2
#: Words of the mood sensor beside the emotions; its own `unknown` means something else.
NOBODY: Final = "nobody"
TOO_FEW: Final = "too few"
UNCLEAR: Final = "unclear"
#: What only is where single faces are told of.
PER_FACE: Final = ("event", "faces", "occupancy")


@dataclass(frozen=True)
class HomeAssistant:
    """Writes the discovery message of one device with these cameras."""

    prefix: str
    device_id: str
    topics: Topics
    cameras: tuple[str, ...]
    version: str
    #: Whether we take requests: only then there are switches.
    commands: bool
    room_only: bool = False

    @property
    def birth_topic(self) -> str:
        """Where Home Assistant says ``online``."""
        return f"{self.prefix}/status"

    @property
    def discovery_topic(self) -> str:
        """Where Home Assistant looks for us."""
        return f"{self.prefix}/device/{self.device_id}/config"

    def discovery(self) -> Envelope:
        """Write the message."""
        return Envelope(self.discovery_topic, msgspec.json.encode(self._message(self._components())), retain=True)

    def without_former(self, retained: bytes) -> list[Envelope]:
        """Write what makes Home Assistant forget the entities of ``retained``, an older message, that are no more."""
        try:
            former = msgspec.json.decode(retained)["cmps"]
            platforms = {key: component["p"] for key, component in former.items()}
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
            return []
        components = self._components()
        gone = {key: {"p": platform} for key, platform in platforms.items() if key not in components}
        if not gone:
            return []
        # Not retained: what the broker keeps is the message without them.
        return [Envelope(self.discovery_topic, msgspec.json.encode(self._message(components | gone)), retain=False)]

    def _message(self, components: dict[str, Component]) -> dict[str, Any]:
        return {
            "dev": {
                "ids": [self.device_id],
                "name": f"emotiond {self.topics.device}",
                "mf": "emotiond",
                "mdl": "Expressions of a whole room",
                "sw": self.version,
            },
            "o": {"name": "emotiond", "sw": self.version},
            "cmps": components,
            "qos": 1,
        }

    def _components(self) -> dict[str, Component]:
        components = dict(self._of_device())
        for camera in self.cameras:
            components |= self._of_camera(camera)
        for key, component in components.items():
            component["unique_id"] = f"{self.device_id}_{key}"
            component["default_entity_id"] = f"{component['p']}.emotiond_{slug_of(self.topics.device)}_{key}"
        return components

    def _of_device(self) -> Iterator[tuple[str, Component]]:
        reach = availability(self.topics.availability)
        state = {"state_topic": self.topics.state, "entity_category": "diagnostic", **reach}
        yield (
            "temperature",
            {
                "p": "sensor",
                "name": "Temperature",
                "device_class": "temperature",
                "unit_of_measurement": "°C",
                "state_class": "measurement",
                "suggested_display_precision": 0,
                "value_template": steady("value_json.cpu_celsius", HEAT_DEAD_BAND),
                **state,
            },
        )
        trouble = "value_json.throttled or value_json.queue.dropped or value_json.queue.spool_error"
        yield (
            "problem",
            {
                "p": "binary_sensor",
                "name": "Problem",
                "device_class": "problem",
                "value_template": f"{{{{ 'ON' if {trouble} else 'OFF' }}}}",
                **state,
            },
        )

    def _of_camera(self, camera: str) -> dict[str, Component]:
        slug = slug_of(camera)
        reach = availability(self.topics.availability, self.topics.camera_availability(camera))
        components = {
            "event": {
                "p": "event",
                "name": f"{camera} event",
                "event_types": ["enter", "change", "leave"],
                "state_topic": self.topics.event(camera),
                # What happened while the broker was away must not switch anything on now.
                "value_template": "{{ '' if value_json.backfill | default(false) else value }}",
                "icon": "mdi:emoticon-outline",
            },
            "mood": self._mood(camera),
            "faces": {
                "p": "sensor",
                "name": f"{camera} faces",
                "state_topic": self.topics.faces(camera),
                "state_class": "measurement",
                "suggested_display_precision": 0,
                "value_template": "{{ value_json.faces | length }}",
                "icon": "mdi:account-multiple",
            },
            "occupancy": {
                "p": "binary_sensor",
                "name": f"{camera} occupancy",
                "device_class": "occupancy",
                "state_topic": self.topics.faces(camera),
                "value_template": "{{ 'ON' if value_json.faces else 'OFF' }}",
            },
            **{emotion: self._score(camera, emotion) for emotion in EMOTIONS},
        }
        hidden = PER_FACE if self.room_only else ()
        components = {key: component | reach for key, component in components.items() if key not in hidden}
        return {f"{slug}_{key}": component for key, component in (components | self._health(camera)).items()}

    def _mood(self, camera: str) -> Component:
        unclear = "value_json.emotion in (none, 'unknown')"
        nobody = TOO_FEW if self.room_only else NOBODY
        return {
            "p": "sensor",
            "name": f"{camera} mood",
            "device_class": "enum",
            "options": [*EMOTIONS, UNCLEAR, nobody],
            "state_topic": self.topics.mood(camera),
            "value_template": (
                f"{{{{ '{nobody}' if not value_json.faces else '{UNCLEAR}' if {unclear} else value_json.emotion }}}}"
            ),
            "icon": "mdi:emoticon-happy-outline",
        }

    def _score(self, camera: str, emotion: str) -> Component:
        return {
            "p": "sensor",
            "name": f"{camera} {emotion}",
            "state_topic": self.topics.mood(camera),
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "suggested_display_precision": 0,
            "value_template": steady(f"value_json.scores.get('{emotion}')", SCORE_DEAD_BAND, times=100),
        }

    def _health(self, camera: str) -> dict[str, Component]:
        # The camera's own health must be seen above all while it is away: the device alone decides.
        health = f"value_json.cameras[{json.dumps(camera, ensure_ascii=False)}]"
        reach = {"state_topic": self.topics.state, **availability(self.topics.availability)}
        components: dict[str, Component] = {
            "rate": {
                "p": "sensor",
                "name": f"{camera} rate",
                "device_class": "frequency",
                "unit_of_measurement": "Hz",
                "state_class": "measurement",
                "suggested_display_precision": 0,
                "entity_category": "diagnostic",
                "value_template": steady(f"{health}.frames_per_second", RATE_DEAD_BAND),
            },
            "problem": {
                "p": "binary_sensor",
                "name": f"{camera} problem",
                "device_class": "problem",
                "entity_category": "diagnostic",
                "value_template": f"{{{{ 'OFF' if {health}.state in ('online', 'paused') else 'ON' }}}}",
            },
            "status": {
                "p": "sensor",
                "name": f"{camera} status",
                "device_class": "enum",
                "entity_category": "diagnostic",
                "options": [state.value for state in CameraState],
                "value_template": f"{{{{ {health}.state }}}}",
            },
        }
        if self.commands:
            components["pause"] = {
                "p": "switch",
                "name": f"{camera} pause",
                "entity_category": "config",
                "command_topic": self.topics.request("pause"),
                "payload_on": json.dumps({"camera": camera, "paused": True}),
                "payload_off": json.dumps({"camera": camera, "paused": False}),
                "state_on": "ON",
                "state_off": "OFF",
                "value_template": f"{{{{ 'ON' if {health}.paused else 'OFF' }}}}",
                "icon": "mdi:eye-off-outline",
            }
        return {key: component | reach for key, component in components.items()}
