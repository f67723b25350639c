"""A stream is decoded by a child: what is silent, stalls, ends or crashes is noticed in time and said in words."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emotiond.capture.jpeg import decoded
from emotiond.capture.source import PictureError, SourceError, Wish
from emotiond.capture.stream import Stream
from tests.capture.webcam import Webcam, jpeg, running

#: Long enough for a machine with something else to do; what is waited for takes a fraction of a second.
TIMEOUT_SECONDS = 3.0
PATIENCE_SECONDS = 90.0
WISH = Wish(640, 480, 30.0, TIMEOUT_SECONDS)


@pytest.fixture
def stream_of():
    streams = []

    def build(address, wish=WISH):
        streams.append(Stream(address, wish))
        return streams[-1]

    yield build
    for stream in streams:
        stream.close()


def read_until_it_fails(stream):
    pictures = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            pictures.append(stream.read())
        except PictureError:
            continue
        except SourceError as error:
            return pictures, str(error)
    raise AssertionError(f"still reading after {len(pictures)} pictures")


def is_gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def wait_until(ready, seconds=PATIENCE_SECONDS):
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("color", [False, True])
def test_a_stream_gives_its_newest_pictures_and_says_when_it_ends(stream_of, color):
    with running(Webcam(most=20)) as server:
        stream = stream_of(server.address, WISH._replace(color=color))
        before = time.monotonic()
        stream.open()
        pictures, reason = read_until_it_fails(stream)
    assert 0 < len(pictures) <= 20
    # What is read to find out what the stream carries is not shown.
    assert 18 <= len(pictures) + stream.left_out <= 20
    assert (pictures[-1].pixels == decoded(jpeg(19), color=color)).all()
    assert {picture.pixels.shape for picture in pictures} == {(120, 160, 3 if color else 1)}
    times = [picture.taken_seconds for picture in pictures]
    assert times == sorted(times)
    assert before < times[0] <= times[-1] < time.monotonic()
    assert reason == f"{server.name}: stopped giving frames"


def test_the_password_is_told_to_nobody(stream_of):
    with running(Webcam()) as server:
        stream = stream_of(server.address)
        stream.open()
        assert stream.read().name == server.name
        process = Path(f"/proc/{stream.pid}")
        assert b"decoder" in (process / "cmdline").read_bytes()
        assert b"secret" not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()


@pytest.mark.parametrize("password", ["se@cret", "s:e/cret"])
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_nobody_at_the_address_is_said_without_the_password(stream_of, port, scheme, password):
    stream = stream_of(f"{scheme}://viewer:{password}@127.0.0.1:{port}/live")
    with pytest.raises(SourceError) as failure:
        stream.open()
    words = "refuses the connection; is it switched on, is the port right?"
    assert str(failure.value) == f"{scheme}://127.0.0.1:{port}/live: {words}"
    assert "cret" not in str(failure.value)
    with pytest.raises(SourceError, match="not open"):
        stream.read()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_that_accepts_and_says_nothing_is_given_up_in_time(stream_of, scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stream = stream_of(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/live")
        started = time.monotonic()
        with pytest.raises(SourceError, match="within 3 s"):
            stream.open()
        assert time.monotonic() - started < PATIENCE_SECONDS


def test_a_stream_that_stalls_is_given_up_in_time_and_can_be_opened_again(stream_of):
    with running(Webcam(["good"] * 10 + ["stall"])) as server:
        stream = stream_of(server.address)
        stream.open()
        pictures, reason = read_until_it_fails(stream)
        assert 0 < len(pictures) <= 10
        assert reason.endswith(" within 3 s")
        stream.close()
        stream.open()
        assert stream.read().pixels.shape == (120, 160, 1)


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGSEGV, "its decoder ended by SIGSEGV"), (signal.SIGSTOP, "no frame within 3 s")]
)
def test_a_decoder_that_crashes_or_hangs_takes_nothing_with_it(stream_of, number, words):
    with running(Webcam()) as server:
        stream = stream_of(server.address)
        stream.open()
        first = stream.pid
        assert stream.read() is not None
        os.kill(first, number)
        _, reason = read_until_it_fails(stream)
        assert reason == f"{server.name}: {words}"
        stream.close()
        assert is_gone(first)
        stream.open()
        assert stream.pid != first
        assert stream.read() is not None


def test_a_decoder_ends_with_the_service_whatever_ends_it():
    program = (
        "import sys; from emotiond.capture.source import Wish; from emotiond.capture.stream import Stream\n"
        "stream = Stream(sys.argv[1], Wish(640, 480, 30.0, 60.0)); stream.open()\n"
        "print(stream.pid, flush=True)\nsys.stdin.read()\n"
    )
    with running(Webcam(["good"] * 5 + ["stall"])) as server:
        service = subprocess.Popen(
            [sys.executable, "-c", program, server.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with service:
            pid = int(service.stdout.readline())
            assert not is_gone(pid)
            service.kill()
        # The decoder waits for a camera that is silent: nothing but the kernel tells it.
        wait_until(lambda: is_gone(pid))
