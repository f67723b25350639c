"""What reads a camera ends with the service, whatever ends the service."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.capture.test_csi import PROGRAM
from tests.capture.test_stream import is_gone, wait_until

PATIENCE_SECONDS = 180.0
PICTURES = """import time; size = int(asked.width) * int(asked.height)
while True:
    os.write(1, os.urandom(size * 3 // 2))
    time.sleep(0.2)"""


def children_of(pid):
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child): commands(child) for thread in threads for child in thread.read_text().split()}


def commands(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_the_children_of_a_service_end_with_it(emotiond, config_file, serve, port, tmp_path, number):
    serve()
    program = tmp_path / "rpicam-vid"
    program.write_text(PROGRAM.format(python=sys.executable, then=PICTURES))
    program.chmod(0o755)
    cameras = {"door": f"rtsp://127.0.0.1:{port}/live", "hall": "csi:"}
    tables = [f'[[camera]]\nname = "{name}"\nsource = "{source}"\n' for name, source in cameras.items()]
    tables.append("[capture]\ntimeout_seconds = 60.0\n")
    service = emotiond(
        "run", "--outlet", "stdout", "--config", config_file("".join(tables)), PATH=f"{tmp_path}:/usr/bin:/bin"
    )
    service.wait_for(lambda: all(f"camera {name}: online" in service.stderr for name in cameras), PATIENCE_SECONDS)
    children = children_of(service.process.pid)
    assert [sum(word in words for words in children.values()) for word in ("capture.decoder", "rpicam-vid")] == [1, 1]
    service.process.send_signal(number)
    assert service.wait(PATIENCE_SECONDS) == (0 if number is signal.SIGTERM else -number)
    # They are not ours: whoever adopts them may take a moment to see that they have ended.
    wait_until(lambda: all(is_gone(pid) for pid in children))
