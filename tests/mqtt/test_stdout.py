"""The outlet for pipes writes each message as one JSON line, at once."""

from __future__ import annotations

import io
import json

from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.stdout import Stdout


def test_a_message_becomes_one_line_with_the_message_inside():
    stream = io.StringIO()
    outlet = Stdout(stream)
    outlet.start()
    outlet.send(Envelope("emotiond/box/hall/event", b'{"event_type":"enter","camera":"h\\u00e4ll"}', retain=False))
    outlet.send(Envelope("emotiond/box/availability", b"online", retain=True))
    first, second = stream.getvalue().splitlines()
    assert json.loads(first) == {
        "topic": "emotiond/box/hall/event",
        "retain": False,
        "payload": {"event_type": "enter", "camera": "häll"},
    }
    assert json.loads(second) == {"topic": "emotiond/box/availability", "retain": True, "payload": "online"}
    assert (outlet.health().waiting, outlet.health().dropped) == (0, 0)
