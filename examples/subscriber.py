"""Prints every event once, and says when one is missing: ``python subscriber.py HOST PORT``."""

import json
import sys

import paho.mqtt.client as mqtt

seen: dict[tuple[str, str], set[int]] = {}


def on_connect(client: mqtt.Client, *_: object) -> None:
    client.subscribe("emotiond/+/+/event", qos=1)


def on_message(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
    event = json.loads(message.payload)
    numbers = seen.setdefault((event["boot_id"], event["camera"]), set())
    if event["seq"] in numbers:
        return  # a repeat
    numbers.add(event["seq"])
    missing = max(numbers) - min(numbers) + 1 - len(numbers)
    late = " (late)" if event.get("backfill") else ""
    print(f"{event['time']} {event['event_type']} {event['emotion']}{late}, {missing} missing", flush=True)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="emotiond-example", clean_session=False)
client.on_connect = on_connect
client.on_message = on_message
client.connect(sys.argv[1], int(sys.argv[2]))
client.loop_forever()
