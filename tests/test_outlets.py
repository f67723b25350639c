"""Through a real broker: events arrive, whatever comes and goes in between, and the world knows when we are gone."""

from __future__ import annotations

import json

import pytest

SCENE = "synthetic:?faces=2&width=480&height=270&face_pixels=80&rate=10"
AVAILABILITY = "emotiond/box/availability"
#: Enough for a slow, busy machine; what is waited for takes a second or two.
PATIENCE_SECONDS = 60.0


@pytest.fixture
def config(config_file, port):
    """Write a configuration for the broker of this test, with more keys for its table."""
    return lambda more="": config_file(f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ndevice = "box"\n{more}')


def wait_for_enters(listener, count=2):
    listener.wait_for(lambda: len(listener.events("enter")) >= count, PATIENCE_SECONDS)


def gap_free(listener):
    return sorted(event["seq"] for event in listener.events()) == list(range(1, len(listener.events()) + 1))


def essence(event):
    """Return what must be the same in two runs: not the numbers that are drawn, not the time of day."""
    drawn = ("track", "boot_id", "time", "monotonic_seconds")
    return {key: value for key, value in event.items() if key not in drawn}


def warned(child, port):
    """Whether the log has a warning that names the broker."""
    return any(line.startswith("WARNING") and f":{port}" in line for line in child.stderr.splitlines())


def test_events_and_states_arrive_and_a_stop_says_offline(emotiond, mosquitto, listen, config):
    mosquitto.start()
    listener = listen()
    child = emotiond("run", "--config", config(), "--source", SCENE)
    wait_for_enters(listener)
    listener.wait_for_word(AVAILABILITY, b"online", PATIENCE_SECONDS)
    assert child.terminate() == 0
    listener.wait_for_word(AVAILABILITY, b"offline", PATIENCE_SECONDS)
    assert len(listener.events("leave")) == len(listener.events("enter")) == 2
    assert gap_free(listener)
    late = listen()

    def kept():
        return {heard.topic.removeprefix("emotiond/box/") for heard in late.heard() if heard.retain}

    expected = {"availability", "state", "camera/availability", "camera/mood", "camera/faces"}
    late.wait_for(lambda: kept() >= expected, PATIENCE_SECONDS)
    assert "camera/event" not in kept()


def test_both_outlets_tell_the_same_events(emotiond, mosquitto, listen, config):
    mosquitto.start()
    listener = listen()
    clip = f"{SCENE}&frames=15"
    # Looks that follow motion follow the clock as well, and would differ.
    file = config("[detector]\nevery_frames = 1\n")
    assert emotiond("run", "--config", file, "--source", clip).wait() == 0
    listener.wait_for_word(AVAILABILITY, b"offline", PATIENCE_SECONDS)
    printed = emotiond("run", "--config", file, "--source", clip, "--outlet", "stdout")
    assert printed.wait() == 0
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert {line["topic"] for line in lines} <= {heard.topic for heard in listener.heard()}
    ours = [essence(line["payload"]) for line in lines if line["topic"].endswith("/event")]
    assert ours == [essence(event) for event in listener.events()]
    assert [event["event_type"] for event in listener.events()] == ["enter", "enter", "leave", "leave"]


def test_a_daemon_that_is_killed_is_offline_by_its_last_will(emotiond, mosquitto, listen, config):
    mosquitto.start()
    listener = listen()
    child = emotiond("run", "--config", config(), "--source", SCENE)
    listener.wait_for_word(AVAILABILITY, b"online", PATIENCE_SECONDS)
    child.kill()
    listener.wait_for_word(AVAILABILITY, b"offline", PATIENCE_SECONDS)


def test_events_wait_for_a_broker_that_comes_late(emotiond, mosquitto, listen, config, port):
    child = emotiond("run", "--config", config(), "--source", SCENE)
    child.wait_for(lambda: warned(child, port), PATIENCE_SECONDS)
    child.wait_for(lambda: "camera camera: online" in child.stderr, PATIENCE_SECONDS)
    mosquitto.start()
    listener = listen()
    wait_for_enters(listener)
    listener.wait_for_word(AVAILABILITY, b"online", PATIENCE_SECONDS)
    assert child.terminate() == 0
    listener.wait_for_word(AVAILABILITY, b"offline", PATIENCE_SECONDS)
    assert gap_free(listener)


def test_a_broker_that_starts_again_finds_everything_again(emotiond, mosquitto, listen, config, port):
    mosquitto.start()
    first = listen()
    child = emotiond("run", "--config", config(), "--source", SCENE)
    wait_for_enters(first)
    mosquitto.stop()
    child.wait_for(lambda: warned(child, port), PATIENCE_SECONDS)
    mosquitto.start()
    second = listen()
    second.wait_for_word(AVAILABILITY, b"online", PATIENCE_SECONDS)
    topics = {heard.topic.removeprefix("emotiond/box/") for heard in second.heard()}
    assert topics >= {"state", "camera/availability", "camera/mood"}
    assert child.terminate() == 0
    second.wait_for(lambda: len(second.events("leave")) == 2, PATIENCE_SECONDS)


def test_a_password_opens_the_broker_and_a_wrong_one_is_logged(emotiond, mosquitto, listen, config, port, tmp_path):
    mosquitto.protect("box", "open sesame")
    mosquitto.start()
    listener = listen("box", "open sesame")
    secret = tmp_path / "password"
    keys = f'username = "box"\npassword_file = "{secret}"\n'
    secret.write_text("a wrong guess\n")
    wrong = emotiond("run", "--config", config(keys), "--source", SCENE)
    wrong.wait_for(lambda: warned(wrong, port), PATIENCE_SECONDS)
    assert wrong.terminate() == 0
    assert "wrong guess" not in wrong.stderr
    assert listener.heard() == []
    secret.write_text("open sesame\n")
    right = emotiond("run", "--config", config(keys), "--source", SCENE)
    listener.wait_for_word(AVAILABILITY, b"online", PATIENCE_SECONDS)
    assert right.terminate() == 0


@pytest.mark.parametrize("key", ["password_file", "ca_file"])
def test_a_file_that_is_missing_stops_the_start(emotiond, config, tmp_path, key):
    missing = tmp_path / "none"
    child = emotiond(
        "run", "--config", config(f'username = "box"\ntls = true\n{key} = "{missing}"\n'), "--source", SCENE
    )
    assert child.wait() == 2
    (line,) = child.complaints()
    assert line.startswith(f"emotiond: [mqtt] {key}: {missing}: ")
    assert "Traceback" not in child.stderr
