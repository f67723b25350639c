"""`emotiond watch` in a real terminal of 80 by 24, live from a real broker, ended by Ctrl-C."""

from __future__ import annotations

import sys

from emotiond.__main__ import main
from tests.watch.device import messages


def test_it_shows_a_device_of_another_broker_live_and_ends_with_ctrl_c(terminal, mosquitto, listen, config_file):
    mosquitto.start()
    listener = listen()
    there = ["--host", "127.0.0.1", "--port", str(mosquitto.port)]
    terminal.run(sys.executable, "-m", "emotiond", "watch", "--config", str(config_file("")), *there)
    terminal.wait_for(lambda lines: any("connected; no device yet" in line for line in lines))
    before = len(listener.heard())
    told = messages("box", ["desk", "door"])
    for topic, payload in told:
        listener.publish(topic, payload)
    lines = terminal.wait_for(lambda lines: any("door  face 517204 enters" in line for line in lines))
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    assert any(line.startswith("box  online  12.3 fps  latency 45/80 ms  51 C") for line in lines)
    for camera in ("desk", "door"):
        assert any(line.startswith(f"{camera}  online  3 faces  happy 62%  12.3 fps  2 dropped") for line in lines)
    assert sum(line.strip().startswith("happy") and line.endswith(" 62%") for line in lines) in (0, 2)
    listener.publish("emotiond/box/door/availability", b"offline")
    terminal.wait_for(lambda lines: any(line.startswith("door  offline") for line in lines))
    mosquitto.stop()
    terminal.wait_for(lambda lines: any("not connected, trying" in line for line in lines))
    terminal.press("C-c")
    assert terminal.exit_code() == 0
    assert len(listener.heard()) - before == len(told) + 1, "it has said nothing itself"


def test_a_pipe_is_refused(capsys, config_file):
    assert main(["watch", "--config", str(config_file(""))]) == 2
    assert capsys.readouterr().err.startswith("emotiond: watch: needs a terminal; ")
