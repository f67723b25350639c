"""Annotated pictures and videos: where they go, and how they are written."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.analysis.annotate import annotated
from emotiond.analysis.items import Item
from emotiond.capture.pictures import SUFFIXES
from emotiond.records import Scene
from emotiond.report.growing import OutputError

#: The rate of a video that has a single frame.
SINGLE_RATE_HZ = 1.0


def places(items: list[Item], target: str) -> list[Path]:
    """Return the file for each item: ``target`` itself for one, else a file in the folder ``target``."""
    folder = Path(target)
    if len(items) == 1 and folder.suffix and not folder.is_dir() and not target.endswith("/"):
        return [folder]
    if folder.suffix and not folder.is_dir() and not target.endswith("/"):
        raise OutputError(f"--annotate: {target}: {len(items)} files need a folder: --annotate {folder.stem}/")
    taken: set[str] = set()
    chosen = []
    for item in items:
        path = Path(item.address.partition("?")[0].replace(":", ""))
        end = path.suffix if path.suffix.lower() in SUFFIXES else ".mp4"
        stem, number = path.stem, 1
        while f"{stem}{end}" in taken:
            number += 1
            stem = f"{path.stem}-{number}"
        taken.add(f"{stem}{end}")
        chosen.append(folder / f"{stem}{end}")
    return chosen


class Album:
    """Writes the scenes of one item; nothing stands at ``place`` before all of it does."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._part = place.with_name(f"{place.stem}.part{place.suffix}")
        self._writer: cv2.VideoWriter | None = None
        self._first: Scene | None = None

    def add(self, scene: Scene) -> None:
        """Draw one scene; raise ``OutputError`` where it cannot be written."""
        if self._place.suffix.lower() in SUFFIXES:
            self._write_picture(self._part, annotated(scene))
        elif scene.frame.still:
            # Stills that are no files, as of a database: each has a size of its own, and no video could hold them.
            number = self._place.with_suffix("") / f"{scene.frame.index:06d}.png"
            self._write_picture(number, annotated(scene))
        elif self._writer is not None:
            self._writer.write(annotated(scene))
        elif self._first is None:
            # The second frame tells the rate.
            self._first = scene
        else:
            step = scene.frame.time_seconds - self._first.frame.time_seconds
            self._begin(self._first, 1.0 / step if step > 0.0 else SINGLE_RATE_HZ)
            self.add(scene)

    def finish(self) -> None:
        """Put the whole file in its place."""
        if self._first is not None and self._writer is None:
            self._begin(self._first, SINGLE_RATE_HZ)
        if self._writer is not None:
            self._writer.release()
            self._writer = None
        if self._part.exists():
            self._part.replace(self._place)

    def _begin(self, scene: Scene, rate_hz: float) -> None:
        self._make_folder(self._place.parent)
        writer = cv2.VideoWriter(
            str(self._part), cv2.VideoWriter.fourcc(*"mp4v"), rate_hz, (scene.frame.width, scene.frame.height)
        )
        if not writer.isOpened():
            raise OutputError(f"--annotate: {self._place}: cannot be written as a video; .mp4 and .mkv can")
        self._writer = writer
        writer.write(annotated(scene))

    def _write_picture(self, path: Path, canvas: NDArray[np.uint8]) -> None:
        self._make_folder(path.parent)
        good, code = cv2.imencode(path.suffix, canvas)
        if not good:
            raise OutputError(f"--annotate: {path}: cannot be encoded")
        try:
            path.write_bytes(code.tobytes())
        except OSError as error:
            raise OutputError(f"--annotate: {path}: cannot be written: {error.strerror}") from error

    @staticmethod
    def _make_folder(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"--annotate: {folder}: cannot be made: {error.strerror}") from error
