"""Every address means one kind of source, or is refused in words; a password never shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotiond.capture.address import source_of
from emotiond.capture.csi import Csi
from emotiond.capture.database import Database
from emotiond.capture.pictures import Pictures
from emotiond.capture.source import SourceError, Wish
from emotiond.capture.stdin import StandardInput
from emotiond.capture.stream import Stream
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.capture.v4l2 import V4l2
from emotiond.capture.video import Video

WISH = Wish(1280, 720, 30.0, 0.5)


@pytest.mark.parametrize(
    ("address", "kind", "live", "still"),
    [
        ("0", V4l2, True, False),
        ("12", V4l2, True, False),
        ("/dev/video0", V4l2, True, False),
        ("/dev/v4l/by-id/usb-camera-index0", V4l2, True, False),
        ("rtsp://camera.local/stream", Stream, True, False),
        ("rtsps://camera.local:322/stream", Stream, True, False),
        ("http://camera.local/video.mjpg", Stream, True, False),
        ("https://user:secret@camera.local/video.mjpg", Stream, True, False),
        ("lesson.mp4", Video, False, False),
        ("folder/lesson 1.MKV", Video, False, False),
        ("no suffix", Video, False, False),
        ("odd:name.avi", Video, False, False),
        ("class.jpg", Pictures, False, True),
        ("CLASS.JPEG", Pictures, False, True),
        ("gray.pgm", Pictures, False, True),
        ("synthetic:", Synthetic, True, False),
        ("synthetic:?faces=3", Synthetic, True, False),
        ("synthetic:?faces=3&frames=10", Synthetic, False, False),
        ("csi:", Csi, True, False),
        ("csi:?camera=1", Csi, True, False),
        ("-", Stream, True, False),
        ("-?format=yuv420&size=1280x720", StandardInput, True, False),
        ("sqlite:///var/pictures.db?table=faces&image=jpeg&id=number", Database, False, True),
    ],
)
def test_an_address_means_one_kind_of_source(address, kind, live, still):
    source = source_of(address, WISH)
    assert type(source) is kind
    assert (source.live, source.still) == (live, still)


def test_a_folder_is_pictures(tmp_path):
    assert type(source_of(str(tmp_path), WISH)) is Pictures


def test_a_scene_takes_every_parameter():
    scene = source_of("synthetic:?faces=3&width=640&height=480&face_pixels=40&rate=12.5&seed=9&frames=7", WISH)
    assert scene.parameters == Parameters(3, 640, 480, 40, 12.5, 9, 7)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "ftp://camera.local/clip.mp4",
            r"^ftp://: no such kind of source; there are rtsp://, .* csi:, sqlite://, synthetic:$",
        ),
        ("file:///clip.mp4", "^file://: no such kind of source"),
        ("synthetic:?people=3", r"people.*; a scene has faces, width, height, "),
        ("synthetic:?faces=many", r"faces.*; a scene has "),
        ("synthetic:?faces=-1", r"faces.*; a scene has "),
        ("synthetic:?faces=301", r"faces.*; a scene has "),
        ("synthetic:?rate=0", r"rate.*; a scene has "),
        ("synthetic:?faces", r"a scene has "),
        ("csi:?camera=front", r"camera.*; there is camera$"),
        ("-?format=jpeg&size=64x48", r"format.*; raw pictures have format, size$"),
        ("-?format=nv12&size=641x480", r"size: both sides must be even; raw pictures have"),
        ("-?format=nv12&size=640", r"size.*; raw pictures have"),
        ("sqlite:///pictures.db", r"table.*; a database has table, image, id$"),
    ],
)
def test_an_address_that_means_nothing_is_refused_in_one_line(address, message):
    with pytest.raises(SourceError, match=message) as failure:
        source_of(address, WISH)
    assert "\n" not in str(failure.value)


def test_a_camera_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(SourceError, match=r"^/dev/video9876: no such camera; is it plugged in\?$"):
        source_of("9876", WISH).open()
    with pytest.raises(SourceError, match=r"^/dev/null/camera: no such camera"):
        source_of("/dev/null/camera", WISH).open()
    file = tmp_path / "camera"
    file.touch()
    with pytest.raises(SourceError, match="not a camera device"):
        V4l2(Path(file), WISH).open()
