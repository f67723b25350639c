"""No picture leaves the house: a run writes nothing outside its state directory and talks to the broker alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests import strace

PATIENCE_SECONDS = 400.0
SCENE = "synthetic:?faces=1&width=160&height=120&face_pixels=60&rate=10&frames=12"
#: What a terminal, a null and a random device take is kept nowhere.
HARMLESS = ("/dev/null", "/dev/tty", "/dev/urandom", "/dev/random")


def run(trace, *words):
    # The interpreter's own cache of compiled modules is no part of the program; an installed one has it beforehand.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = strace.command(trace, sys.executable, *words)
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def test_the_trace_sees_what_it_must(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = (
            "import os, socket, subprocess, sys;"
            f"open({str(tmp_path / 'out')!r}, 'w').close();"
            f"os.mkdir({str(tmp_path / 'folder')!r});"
            f"socket.create_connection(('127.0.0.1', {port})).close();"
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9));"
            f"subprocess.run([sys.executable, '-c', 'import sys; open(sys.argv[1], chr(97))', {str(tmp_path / 'child')!r}])"
        )
        ended = run(tmp_path / "trace", "-c", script)
    assert ended.returncode == 0, ended.stderr
    traced = strace.read(tmp_path / "trace")
    assert {str(tmp_path / name) for name in ("out", "folder", "child")} <= traced.written
    assert traced.peers == {("127.0.0.1", port), ("127.0.0.1", 9)}


def test_a_run_writes_in_its_state_directory_alone_and_talks_to_the_broker_alone(
    tmp_path, mosquitto, listen, config_file, port
):
    mosquitto.start()
    listener = listen()
    state = tmp_path / "state"
    config = config_file(
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ndevice = "box"\n[mqtt.spool]\ndirectory = "{state}"\n'
        # However slow a traced program is: the face is found, and enters.
        "[tracking]\nconfirm_detections = 1\n[detector]\nmin_face_pixels = 40\n[mood]\nenter_wait_seconds = 0\n"
    )
    ended = run(tmp_path / "trace", "-m", "emotiond", "run", "--config", str(config), "--source", SCENE)
    assert ended.returncode == 0, ended.stderr
    listener.wait_for_word("box/availability", b"offline", 30.0)
    assert len(listener.events("enter")) == 1, "it has done its work"
    traced = strace.read(tmp_path / "trace")
    assert traced.calls > 100
    assert traced.peers == {("127.0.0.1", port)}
    assert traced.unix == set()
    outside = {path for path in traced.written if path not in HARMLESS and not Path(path).is_relative_to(state)}
    assert outside == set()
    assert any(Path(path).is_relative_to(state) for path in traced.written), "the spool is there"
