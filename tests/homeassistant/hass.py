"""A real Home Assistant in a root of its own, without a window: started, stopped and read through MQTT alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
#: The first start installs what the integrations need.
START_SECONDS = 420.0
STOP_SECONDS = 60.0
_START = """
mount --bind /proc "$1/proc"; mount --bind /dev "$1/dev"; mkdir -p "$1/config"; mount --bind "$2" "$1/config"
exec chroot "$1" /srv/ha/bin/hass --config /config
"""
_CONFIGURATION = """
homeassistant:
  name: test
  time_zone: UTC
http:
  server_host: 127.0.0.1
  server_port: {http_port}
frontend:
history:
logbook:
lovelace:
  dashboards:
    {dashboard}:
      mode: yaml
      title: The room
      filename: room.yaml
mqtt_statestream:
  base_topic: ha
  publish_attributes: true
automation: !include automations.yaml
logger:
  default: warning
"""
#: Where the example's dashboard is shown.
DASHBOARD = "the-room"
#: All but the first step of the onboarding, which makes a user.
_ONBOARDING = {"version": 4, "minor_version": 1, "key": "onboarding"}
_STEPS_DONE = ["core_config", "analytics", "integration"]
_MOMENT = "2026-01-01T00:00:00+00:00"


@dataclass
class HomeAssistantCore:
    """One installation; its configuration stays the same over restarts."""

    root: Path
    config: Path
    broker_port: int
    http_port: int
    process: subprocess.Popen[bytes] | None = None

    def install(self) -> None:
        """Write the configuration: the MQTT integration, and the statestream that tells every state."""
        (self.config / ".storage").mkdir(parents=True, exist_ok=True)
        (self.config / "configuration.yaml").write_text(
            _CONFIGURATION.format(http_port=self.http_port, dashboard=DASHBOARD)
        )
        shutil.copy(EXAMPLES / "home-assistant-dashboard.yaml", self.config / "room.yaml")
        shutil.copy(EXAMPLES / "home-assistant-automation.yaml", self.config / "automations.yaml")
        entry = {
            "created_at": _MOMENT,
            "modified_at": _MOMENT,
            "data": {"broker": "127.0.0.1", "port": self.broker_port},
            "disabled_by": None,
            "discovery_keys": {},
            "domain": "mqtt",
            "entry_id": "01JTESTTESTTESTTESTTESTTES",
            "minor_version": 1,
            "options": {},
            "pref_disable_new_entities": False,
            "pref_disable_polling": False,
            "source": "user",
            "subentries": [],
            "title": "broker",
            "unique_id": None,
            "version": 1,
        }
        document = {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}}
        (self.config / ".storage" / "core.config_entries").write_text(json.dumps(document))
        steps = _ONBOARDING | {"data": {"done": _STEPS_DONE}}
        (self.config / ".storage" / "onboarding").write_text(json.dumps(steps))

    def start(self) -> None:
        with (self.config / "words").open("ab") as words:
            command = ["unshare", "--mount", "sh", "-eu", "-c", _START, "sh", str(self.root), str(self.config)]
            self.process = subprocess.Popen(command, stdout=words, stderr=words, env=os.environ | {"HOME": "/root"})

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def complaints(self) -> list[str]:
        """List the lines of the log, at warning and above, that are about us or about MQTT."""
        files = [self.config / "words", self.config / "home-assistant.log"]
        lines = [line for file in files if file.exists() for line in file.read_text(errors="replace").splitlines()]
        loud = [line for line in lines if " ERROR " in line or " WARNING " in line]
        # That the broker was away, because the test stopped it, is the client's to say.
        ours = [line for line in loud if "emotiond" in line.lower() or "components.mqtt" in line]
        return [line for line in ours if "components.mqtt.client" not in line]
