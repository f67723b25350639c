"""A real mosquitto on a free loopback port: started, stopped, killed, frozen and started again by the tests."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.ports import free_port

#: Debian keeps it where only root's PATH looks.
PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin") or "mosquitto"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
#: A busy machine takes long for everything; what is waited for takes a second or two.
PATIENCE_SECONDS = 120.0


def wait_until(done: object, seconds: float = PATIENCE_SECONDS) -> bool:
    """Ask until ``done()`` says yes; return whether it did within ``seconds``."""
    assert callable(done)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.03)
    return bool(done())


@dataclass
class Mosquitto:
    """One broker; its port and its files stay the same over restarts."""

    folder: Path
    persistence: bool = False
    #: Users with their passwords; none lets everybody in.
    users: Mapping[str, str] = field(default_factory=dict)
    acl: str = ""
    #: Files ca, certificate and key; empty is no TLS.
    tls: Mapping[str, Path] = field(default_factory=dict)
    require_certificate: bool = False
    extra: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write()
        with (self.folder / "log").open("ab") as log:
            command = [PROGRAM, "-c", str(self.folder / "mosquitto.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        assert wait_until(self._answers, START_SECONDS), (self.folder / "log").read_text()
        return self

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def reload(self) -> None:
        assert self.process is not None
        self._write()
        self.process.send_signal(signal.SIGHUP)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        # A frozen one hears nothing else.
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _write(self) -> None:
        lines = [f"listener {self.port} 127.0.0.1", "log_type all", "user root"]
        # By default a subscriber that is away is kept 1000 messages, and the rest is dropped without a word.
        lines.append("max_queued_messages 0")
        lines.append(f"allow_anonymous {'false' if self.users else 'true'}")
        if self.persistence:
            lines += ["persistence true", f"persistence_location {self.folder}/", "autosave_interval 1"]
        if self.users:
            passwords = self.folder / "passwords"
            passwords.write_text("".join(f"{user}:{password}\n" for user, password in self.users.items()))
            passwords.chmod(0o700)
            subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
            lines.append(f"password_file {passwords}")
        if self.acl:
            (self.folder / "acl").write_text(self.acl)
            (self.folder / "acl").chmod(0o700)
            lines.append(f"acl_file {self.folder / 'acl'}")
        if self.tls:
            lines += [f"cafile {self.tls['ca']}", f"certfile {self.tls['certificate']}", f"keyfile {self.tls['key']}"]
            lines.append(f"require_certificate {'true' if self.require_certificate else 'false'}")
        (self.folder / "mosquitto.conf").write_text("\n".join([*lines, self.extra, ""]))
