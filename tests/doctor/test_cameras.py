"""Cameras with one thing wrong, on real devices of a real driver: each gives the right line and what mends it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emotiond.config import Camera, Config
from emotiond.doctor import cameras
from emotiond.doctor.finding import Level
from tests.capture.webcam import Webcam, running
from tests.doctor import patients
from tests.doctor.patients import assert_told, patient

FAILURE = Level.FAILURE


def camera(source: str) -> Config:
    return Config(camera=(Camera(name="desk", source=source),))


@pytest.fixture
def root(tmp_path):
    return patients.machine(tmp_path / "root")


@pytest.fixture
def device():
    """A real character device of a real driver, open in this process: a terminal."""
    controller, terminal = pty.openpty()
    path = Path(os.ttyname(terminal))
    os.close(terminal)
    yield path
    os.close(controller)


def video_group_is(root, gid):
    (root / "etc/group").write_text(f"root:x:0:\nvideo:x:{gid}:\nemotiond:x:64998:\n")


def test_a_camera_that_is_not_there(root):
    told = cameras.examine(patient(root, camera("/dev/video9876")))
    assert_told(told, FAILURE, "desk: /dev/video9876: no such camera", "ls /dev/video*")


def test_a_camera_address_that_means_nothing(root):
    assert_told(
        cameras.examine(patient(root, camera("gopher://hall"))), FAILURE, "gopher://: no such kind", "sudo nano "
    )


def test_a_user_who_is_not_in_the_group_video(root, device):
    video_group_is(root, device.stat().st_gid)
    device.chmod(0o660)
    (root / "usr/lib/systemd/system/emotiond.service").write_text("[Service]\nUser=emotiond\n")
    told = cameras.examine(patient(root, camera(str(device))))
    assert_told(told, FAILURE, "emotiond may not use it: not in the group video", "sudo usermod -aG video emotiond")


def test_a_device_of_the_wrong_group(root, device):
    device.chmod(0o660)
    told = cameras.examine(patient(root, camera(str(device))))
    assert_told(told, FAILURE, "emotiond may not use it: it belongs to the group", f"sudo chgrp video {device}")


def test_a_machine_without_a_group_video(root, device):
    (root / "etc/group").write_text("root:x:0:\nemotiond:x:64998:\n")
    device.chmod(0o660)
    told = cameras.examine(patient(root, camera(str(device))))
    assert_told(told, FAILURE, "there is no group video", "sudo groupadd --system video")


def test_a_camera_that_another_program_uses(device, tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys; held = open(sys.argv[1]); print(1, flush=True); sys.stdin.read()", device],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline()
        told = cameras.examine(patient(patients.bare(tmp_path / "bare"), camera(str(device))))
        assert_told(told, FAILURE, f"(process {holder.pid})", f"sudo kill {holder.pid}")
    finally:
        holder.communicate()


def test_a_device_that_is_no_camera(device, tmp_path):
    told = cameras.examine(patient(patients.bare(tmp_path / "bare"), camera(str(device))))
    assert_told(told, FAILURE, f"desk: {device}: ", f"v4l2-ctl --device {device}")


def test_a_stream_that_does_not_answer_keeps_its_password(root, port):
    told = cameras.examine(patient(root, camera(f"rtsp://me:secret@127.0.0.1:{port}/live")))
    assert_told(told, FAILURE, f"rtsp://127.0.0.1:{port}/live: refuses the connection", "ping 127.0.0.1")
    assert "secret" not in repr(told)


def test_a_picture_that_is_none(root, tmp_path):
    (tmp_path / "noise.png").write_bytes(b"noise")
    told = cameras.examine(patient(root, camera(str(tmp_path / "noise.png"))))
    assert_told(told, FAILURE, "desk: gives no picture", "sudo nano ")


def test_a_good_one_tells_its_size_and_its_rate(root):
    (told,) = cameras.examine(patient(root, camera("synthetic:?faces=1&width=320&height=240")))
    assert told.level is Level.OK
    assert "320 x 240 bgr, " in told.what


def test_a_network_camera_tells_its_size_its_rate_and_its_age_and_keeps_its_password(root):
    with running(Webcam(["good", "corrupt"] * 2, pause_seconds=0.1)) as server:
        (told,) = cameras.examine(patient(root, camera(server.address)))
    assert told.level is Level.OK
    where = re.escape(server.name)
    assert re.fullmatch(rf"desk: {where}: 160 x 120 gray, \d+ per second, \d+ ms old(, \d damaged)?", told.what), told


def test_a_csi_camera_without_its_program(root, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = cameras.examine(patient(root, camera("csi:")))
    assert_told(told, FAILURE, "desk: csi:: there is no rpicam-vid", "apt install rpicam-apps-lite")
