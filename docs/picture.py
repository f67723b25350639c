"""Draws the pictures of the README: ``python docs/picture.py FOLDER`` writes ``room.png`` and ``timeline.png``.

The room is the generated scene that ``emotiond demo`` shows, read by the network that ships. The timeline is ten minutes of
the scenes of ``emotiond bench --mood``: who is there and what the network reads is played, from real readings of the
network; tracks, moods and the room are worked out by the pipeline.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
from PIL import Image

from emotiond import cameras, parts
from emotiond.analysis.annotate import annotated
from emotiond.bench.scene import Faults, Plot, play
from emotiond.bench.stage import CAMERA, Finder, Onlooker, frames
from emotiond.bench.table import load_table
from emotiond.config import Camera, Config
from emotiond.records import Frame
from emotiond.report import plot
from emotiond.report.second import Seconds
from emotiond.report.timeline import timeline_of

ROOM = "synthetic:?faces=8&width=960&height=480&face_pixels=120&rate=10&frames=25&seed=3"
LESSON = Plot("lesson", seated=9, walkers=1, frames_per_second=5.0, detect_every_frames=1, seconds=600.0)
#: Width of the pictures.
WIDTH_PIXELS = 800
#: As many as it takes to look good.
COLOURS = 256


def room(target: Path) -> None:
    """Draw the last frame of the generated room."""
    config = Config(camera=(Camera(name="room", source=ROOM),))
    pipeline, source = parts.pipeline(config), cameras.source(config, config.camera[0])
    source.open()
    scene = None
    for index in range(25):
        picture = source.read()
        if picture is not None:
            scene = pipeline.process(Frame("room", index, picture.time_seconds, picture.pixels, picture.name))
    source.close()
    if scene is None:
        raise SystemExit("the generated room has no frame")
    write(target, annotated(scene))


def timeline(target: Path) -> None:
    """Draw the moods of the played lesson."""
    config = Config(camera=(Camera(name=CAMERA),))
    table, faults = load_table(), Faults()
    played = play(LESSON, table, faults, seed=4)
    onlooker = Onlooker(played, table.sidecar(), parts.eyesight(config))
    pipeline = parts.pipeline_of(config, Finder(played), onlooker)
    averages, seconds = Seconds("lesson"), []
    for frame in frames(played):
        seconds += averages.add(pipeline.process(frame).room, frame.time_seconds)
    plot.save(timeline_of([*seconds, *averages.end()]), target, "")
    write(target, cv2.imread(str(target)))


def write(target: Path, drawn: cv2.typing.MatLike) -> None:
    """Write a picture as small as it looks good."""
    height = round(drawn.shape[0] * WIDTH_PIXELS / drawn.shape[1])
    small = cv2.resize(drawn, (WIDTH_PIXELS, height), interpolation=cv2.INTER_AREA)
    picture = Image.fromarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
    # Octrees keep rare colours, which an emotion may well be.
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    room(folder / "room.png")
    timeline(folder / "timeline.png")
