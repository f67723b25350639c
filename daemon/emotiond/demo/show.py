"""The demo: a broker here, the real daemon as a child, a real subscriber; ends by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from emotiond.demo.broker import running_broker
from emotiond.demo.narrator import Narrator
from emotiond.mqtt.topics import Topics

SCENE = "synthetic:?faces=6&width=960&height=540&face_pixels=90&rate=15"
START_SECONDS = 120.0
STOP_SECONDS = 10.0
FAREWELL_SECONDS = 3.0
TOPICS = Topics("emotiond", "demo")


class DemoError(Exception):
    """The demo cannot run; the message is one line."""


def show(source: str | None, seconds: float) -> bool:
    """Run the demo; return whether events arrived."""
    try:
        from amqtt.broker import Broker  # noqa: PLC0415 - an extra, not a dependency of the daemon
    except ImportError as error:
        raise DemoError("the demo's broker is missing: pip install 'emotiond[demo]'") from error
    began = time.monotonic()
    narrator = Narrator(TOPICS, lambda line: print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True))
    with running_broker(Broker) as port, tempfile.TemporaryDirectory() as folder:
        subscriber = _subscriber(port, narrator)
        print(f"broker on port {port}; {source or 'a generated room'}; {seconds:g} seconds", flush=True)
        child = subprocess.Popen(_command(Path(folder), port, source or SCENE))
        try:
            if _until(narrator.online.is_set, child, START_SECONDS):
                _until(lambda: False, child, seconds)
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if narrator.online.is_set():
                # The last words reach the broker before the child ends, and us a little later.
                narrator.offline.wait(FAREWELL_SECONDS)
            subscriber.disconnect()
            subscriber.loop_stop()
    print(_summary(narrator), flush=True)
    return narrator.events.total() > 0


def _subscriber(port: int, narrator: Narrator) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _userdata, message: narrator.hear(message.topic, bytes(message.payload))
    client.connect("127.0.0.1", port)
    client.subscribe("emotiond/demo/#", qos=1)
    client.loop_start()
    return client


def _command(folder: Path, port: int, source: str) -> list[str]:
    config = folder / "demo.toml"
    config.write_text(
        # The demo's broker speaks 3.1.1 alone, and answers nothing to anything else.
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\nprotocol = "3.1.1"\ndevice = "{TOPICS.device}"\n'
        '[mqtt.homeassistant]\nenabled = false\n[log]\nlevel = "warning"\n',
        encoding="utf-8",
    )
    return [sys.executable, "-m", "emotiond", "run", "--config", str(config), "--source", source]


def _until(done: object, child: subprocess.Popen[bytes], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child.poll() is None:
        if callable(done) and done():
            return True
        time.sleep(0.05)
    return False


def _summary(narrator: Narrator) -> str:
    frames = sum(camera["frames"] for camera in narrator.state.get("cameras", {}).values())
    rate = frames / max(narrator.state.get("uptime_seconds", 0.0), 1.0)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(narrator.events.items()))
    return (
        f"summary: {frames} frames, {narrator.most_faces} faces, {rate:.1f} frames per second, "
        f"{narrator.events.total()} events ({counts or 'none'})"
    )
