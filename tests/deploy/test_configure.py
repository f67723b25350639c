"""The first configuration is what the installer's options say, and one that the daemon takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emotiond.config import load

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"


def configure(target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, DEPLOY / "configure.py", "--template", DEPLOY / "emotiond.toml", *options, target]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_default_configuration_is_the_default(tmp_path: Path) -> None:
    assert configure(tmp_path / "out.toml").returncode == 0
    config = load(tmp_path / "out.toml")
    assert (config.camera[0].source, config.mqtt.host, config.mqtt.port, config.mqtt.tls) == (
        "0",
        "localhost",
        1883,
        False,
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker.local", ("broker.local", 1883, "", False)),
        ("broker.local", ("broker.local", 1883, "", False)),
        ("mqtts://me@10.0.0.2", ("10.0.0.2", 8883, "me", True)),
        ("mqtt://me@[fd00::1]:1999", ("fd00::1", 1999, "me", False)),
    ],
)
def test_the_broker_is_understood(tmp_path: Path, url: str, expected: tuple[str, int, str, bool]) -> None:
    assert configure(tmp_path / "out.toml", "--broker", url).returncode == 0
    mqtt = load(tmp_path / "out.toml").mqtt
    assert (mqtt.host, mqtt.port, mqtt.username, mqtt.tls) == expected


@pytest.mark.parametrize("source", ["/dev/video2", 'rtsp://me:"\\quoted\\"@camera/1', "a\\1b"])
def test_the_camera_is_taken_to_the_letter(tmp_path: Path, source: str) -> None:
    assert configure(tmp_path / "out.toml", "--camera", source).returncode == 0
    assert load(tmp_path / "out.toml").camera[0].source == source


@pytest.mark.parametrize(
    "url", ["http://x", "mqtt://", "mqtt://x:abc", "mqtt://x:99999", "mqtt://x/path", "mqtt://u:p@x"]
)
def test_what_is_no_broker_is_refused_in_one_line(tmp_path: Path, url: str) -> None:
    done = configure(tmp_path / "out.toml", "--broker", url)
    assert done.returncode == 1
    assert done.stderr.startswith("--broker")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.toml").exists()
