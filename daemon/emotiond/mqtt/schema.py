"""The contract for machines: JSON Schema, and AsyncAPI 3, both made from the message classes alone."""

from __future__ import annotations

import inspect
from typing import Any, Final, NamedTuple

import msgspec

from emotiond.mqtt.contract import SCHEMA, Answer, DeviceState, FaceEvent, FacesState, RoomMoment, RoomState
from emotiond.mqtt.requests import COMMANDS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES: Final = "#/components/schemas/{name}"
_AVAILABILITY: Final = {
    "title": "Availability",
    "description": "The bare word, without quotes; `offline` is also the last will.",
    "type": "string",
    "enum": ["online", "offline"],
}


class Channel(NamedTuple):
    """One kind of topic."""

    name: str
    #: With ``{camera}`` where it is one of each camera.
    topic: str
    message: type[msgspec.Struct] | None
    retained: bool
    summary: str


CHANNELS: Final = (
    Channel("availability", "availability", None, retained=True, summary="Whether the device is there."),
    Channel("state", "state", DeviceState, retained=True, summary="How the device is: every 30 s, and on change."),
    Channel("cameraAvailability", "{camera}/availability", None, retained=True, summary="Whether the camera is there."),
    Channel("event", "{camera}/event", FaceEvent, retained=False, summary="Something happened to one face."),
    Channel(
        "moment", "{camera}/moment", RoomMoment, retained=False, summary="An emotion of the room has risen by much."
    ),
    Channel("mood", "{camera}/mood", RoomState, retained=True, summary="The mood of the room."),
    Channel("faces", "{camera}/faces", FacesState, retained=True, summary="The faces now in view."),
)


def json_schema() -> dict[str, Any]:
    """Return one JSON Schema with a definition for each message and request."""
    names = [kind.__name__ for kind in _messages()]
    return {
        "$schema": DIALECT,
        "$id": f"urn:emotiond:schema:{SCHEMA}",
        "title": "Messages of emotiond",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in names],
        "$defs": _definitions("#/$defs/{name}"),
    }


def asyncapi(version: str) -> dict[str, Any]:
    """Return the AsyncAPI 3 document of emotiond ``version``."""
    channels, operations, messages = _published()
    for command, kind in COMMANDS.items():
        request, response = f"{command}Request", f"{command}Response"
        parameters = _parameters(f"request/{command}")
        channels[request] = _channel(f"request/{command}", request, parameters, f"Ask: {command}.")
        channels[response] = _channel(f"response/{command}", response, parameters, f"The answer to {command}.")
        messages[request] = _message(kind.__name__, "A JSON object, or nothing.")
        messages[response] = _message("Answer", "What became of the request.")
        operations[command] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{request}"},
            "reply": {"channel": {"$ref": f"#/channels/{response}"}},
            "bindings": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": "0.2.0"}},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "emotiond",
            "version": version,
            "description": f"Emotion events of all faces in view. Contract version {SCHEMA} (`schema` in messages).",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "localhost:1883",
                "protocol": "mqtt",
                "description": "`[mqtt] host` and `port`; MQTT 5, or 3.1.1 where the broker knows no better.",
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": {**_definitions(_REFERENCES), "Availability": _AVAILABILITY},
        },
    }


def _definitions(references: str) -> dict[str, Any]:
    """Return the schema of each message and request by name; ``references`` says how they name each other."""
    _, schemas = msgspec.json.schema_components([*_messages(), *COMMANDS.values()], ref_template=references)
    for schema in schemas.values():
        # Whether msgspec takes the indentation out depends on its version.
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    return dict(sorted(schemas.items()))


def _published() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for channel in CHANNELS:
        channels[channel.name] = _channel(channel.topic, channel.name, _parameters(channel.topic), channel.summary)
        operations[f"publish{channel.name[0].upper()}{channel.name[1:]}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{channel.name}"},
            "bindings": {"mqtt": {"qos": 1, "retain": channel.retained, "bindingVersion": "0.2.0"}},
        }
        messages[channel.name] = _message(
            channel.message.__name__ if channel.message else "Availability", channel.summary
        )
        if channel.message is None:
            messages[channel.name]["contentType"] = "text/plain"
    return channels, operations, messages


def _messages() -> list[type[msgspec.Struct]]:
    return [FaceEvent, RoomMoment, RoomState, FacesState, DeviceState, Answer]


def _channel(topic: str, message: str, parameters: dict[str, Any], summary: str) -> dict[str, Any]:
    return {
        "address": f"{{prefix}}/{{device}}/{topic}",
        "summary": summary,
        "parameters": parameters,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _parameters(topic: str) -> dict[str, Any]:
    parameters = {
        "prefix": {"description": "`[mqtt] prefix`.", "default": "emotiond"},
        "device": {"description": "`[mqtt] device`; the host's name by default."},
    }
    if "{camera}" in topic:
        parameters["camera"] = {"description": "`[[camera]] name`."}
    return parameters


def _message(schema: str, summary: str) -> dict[str, Any]:
    return {"summary": summary, "payload": {"$ref": _REFERENCES.format(name=schema)}}
