"""``emotiond snapshot``: one annotated picture, to aim the camera; nothing else ever writes one."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import msgspec

from emotiond import cameras, delivery, parts
from emotiond.analysis.annotate import annotated
from emotiond.capture.source import Picture, SourceError
from emotiond.commands.command import FAILED, OK, Command, UsageError
from emotiond.commands.settings import add_config, read_config, with_source
from emotiond.config import Config
from emotiond.records import Frame, RoomMood

ENDINGS: Final = (".jpg", ".jpeg", ".png")
#: A camera needs some frames to find its exposure; no longer than this is waited for them.
FRAMES: Final = 10
SECONDS: Final = 3.0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--source", metavar="S", help="camera, address or file (default: the first camera of the configuration)"
    )
    parser.add_argument("picture", type=Path, metavar="OUT.jpg", help="the file to write, .jpg or .png")


def _execute(arguments: argparse.Namespace) -> int:
    file: Path = arguments.picture
    if file.suffix.lower() not in ENDINGS:
        raise UsageError(f"snapshot: {file}: must end in {', '.join(ENDINGS)}")
    config = with_source(read_config(arguments.config), arguments.source)
    camera = config.camera[0]
    print(f"snapshot: writes what {camera.name} sees now, faces and all, into {file}", flush=True)
    frame = _newest(config)
    scene = parts.pipeline(config).process(frame)
    discretion = delivery.discretion(config)
    if not discretion.counted(scene.room.faces):
        scene = replace(scene, room=RoomMood(scene.room.faces, None))
    canvas = annotated(scene, named=not discretion.room_only)
    good, code = cv2.imencode(file.suffix.lower(), canvas)
    try:
        file.write_bytes(code.tobytes() if good else b"")
    except OSError as error:
        print(f"emotiond: {file}: cannot be written: {error.strerror}", file=sys.stderr)
        return FAILED
    print(
        f"snapshot: {frame.width} x {frame.height} pixels, {scene.room.faces} faces;"
        f" delete it when you have seen it: rm {file}"
    )
    return OK


def _newest(config: Config) -> Frame:
    """Read until the camera has settled; raise ``SourceError`` where it gives nothing."""
    # A person looks at it: in colours, upright, and masked as everything that looks at this camera.
    camera = msgspec.structs.replace(config.camera[0], color=True)
    source = cameras.configured_source(config, camera)
    source.open()
    picture: Picture | None = None
    with contextlib.closing(source):
        began = time.monotonic()
        for _ in range(FRAMES if source.live else 1):
            picture = source.read() or picture
            if time.monotonic() - began > SECONDS:
                break
    if picture is None:
        raise SourceError(f"{camera.name}: gives no picture")
    pixels, form = cameras.lens(camera).upright(picture)
    return Frame(camera.name, 0, picture.time_seconds, pixels, picture.name, still=True, format=form)


COMMAND = Command(
    name="snapshot",
    help="write one annotated picture, to aim the camera; says first that it does",
    epilog="examples:\n  emotiond snapshot door.jpg\n  emotiond snapshot --source /dev/video0 door.jpg\n",
    add_arguments=_add_arguments,
    execute=_execute,
)
