"""``emotiond analyze``: files in, one JSON line per picture or frame out."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from emotiond import parts
from emotiond.capture.source import PictureError, Source, SourceError
from emotiond.commands.command import FAILED, OK, Command, UsageError
from emotiond.commands.settings import add_config, finite_camera, read_config
from emotiond.config import Config
from emotiond.mqtt.wording import by_name
from emotiond.records import FaceMood, Frame, Mood, Scene


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="video, picture, folder of pictures, or synthetic:?…")
    parser.add_argument("--json", required=True, metavar="OUT", help="file for the JSON lines; - is standard output")
    parser.add_argument("--min-score", type=float, metavar="S", help="leave out weaker faces, and no others")


def _execute(arguments: argparse.Namespace) -> int:
    config = read_config(arguments.config)
    whole = True
    with _output(arguments.json) as out:
        for path in arguments.paths:
            whole &= _analyze(msgspec.structs.replace(config, camera=(finite_camera(path),)), arguments.min_score, out)
    return OK if whole else FAILED


def _analyze(config: Config, min_score: float | None, out: IO[bytes]) -> bool:
    """Write the lines of one path; return whether all of it could be read."""
    camera = config.camera[0]
    complaints: list[SourceError] = []
    pipeline = parts.pipeline(config, min_score)
    try:
        source = parts.source(config, camera)
        if source.live:
            raise SourceError(f"{camera.source}: is live and never ends; analyze reads files")
        source.open()
        with contextlib.closing(source):
            for frame in _frames(source, camera.name, complaints):
                out.write(msgspec.json.encode(_line(pipeline.process(frame), min_score)) + b"\n")
    except SourceError as error:
        complaints.append(error)
    for complaint in complaints:
        print(f"emotiond: {complaint}", file=sys.stderr)
    return not complaints


def _frames(source: Source, camera: str, complaints: list[SourceError]) -> Iterator[Frame]:
    index = 0
    while True:
        try:
            picture = source.read()
        except PictureError as error:
            complaints.append(error)
            continue
        if picture is None:
            return
        yield Frame(camera, index, picture.time_seconds, picture.pixels, picture.name, source.still)
        index += 1


def _line(scene: Scene, min_score: float | None) -> dict[str, Any]:
    frame, room = scene.frame, scene.room
    return {
        "source": frame.source,
        "frame": frame.index,
        "time_seconds": round(frame.time_seconds, 3),
        "faces": [_face(face) for face in scene.faces if min_score is None or face.face.score >= min_score],
        "room": {"faces": room.faces, **(_mood(room.mood) if room.mood else {"emotion": None})},
    }


def _face(face: FaceMood) -> dict[str, Any]:
    line = {"box": [round(side, 1) for side in face.face.box], "score": round(face.face.score, 4), **_mood(face.mood)}
    if face.track is not None:
        line["track"] = face.track
    if face.rejected:
        line["rejected"] = True
    return line


def _mood(mood: Mood) -> dict[str, Any]:
    return {"emotion": mood.emotion, "confidence": round(mood.confidence, 4), "scores": by_name(mood.scores)}


@contextlib.contextmanager
def _output(where: str) -> Iterator[IO[bytes]]:
    if where == "-":
        yield sys.stdout.buffer
        return
    try:
        file = Path(where).open("wb")  # noqa: SIM115 - closed below; only the opening is the command line's fault
    except OSError as error:
        raise UsageError(f"--json: {where}: cannot be written: {error.strerror}") from error
    with file:
        yield file


COMMAND = Command(
    name="analyze",
    help="read files and write what the faces say as JSON lines",
    epilog=(
        "examples:\n"
        "  emotiond analyze lesson.mp4 --json lesson.jsonl\n"
        "  emotiond analyze pictures/ --json - | jq .room\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
