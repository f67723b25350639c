"""Takes items through the pipeline, one after the other; what is finished stays finished."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from emotiond.analysis.album import Album
from emotiond.analysis.items import Item
from emotiond.analysis.ledger import Entry, Ledger
from emotiond.analysis.progress import Bar
from emotiond.analysis.wording import as_json
from emotiond.capture.source import Counted, PictureError, Source, SourceError
from emotiond.pipeline import Pipeline
from emotiond.records import Frame
from emotiond.report.growing import Growing, all_kept
from emotiond.report.second import Second, Seconds
from emotiond.report.spreadsheet import as_line


@dataclass
class Workshop:
    """What every item is done with."""

    #: Builds the source of an address; raises ``SourceError`` where it can be none.
    source: Callable[[str], Source]
    #: Builds a pipeline that has seen nothing yet, around the same detector and network.
    pipeline: Callable[[], Pipeline]
    #: The camera that the pipeline has a lane for.
    camera: str
    min_score: float
    #: None where nobody asked for lines, for a table.
    lines: Growing | None
    table: Growing | None
    #: The file for each item's annotated pictures; empty where nobody asked.
    albums: list[Path] = field(default_factory=list)

    @property
    def growing(self) -> list[Growing]:
        """The outputs that grow."""
        return [output for output in (self.lines, self.table) if output is not None]


@dataclass
class Done:
    """What came of it all."""

    seconds: list[Second] = field(default_factory=list)
    complaints: int = 0
    frames: int = 0
    #: Items that an earlier run had finished.
    resumed: int = 0

    def take(self, entry: Entry) -> None:
        """Add what one item gave."""
        self.seconds += entry.seconds
        self.complaints += len(entry.complaints)
        self.frames += entry.frames


def work_through(items: list[Item], shop: Workshop, ledger: Ledger | None, bar: Bar) -> Done:
    """Do all items, without those that were finished before; raise ``OutputError`` where an output fails.

    The ledger stays: whoever makes something of the result finishes it afterwards.
    """
    done = Done()
    entries = _finished_before(items, shop, ledger)
    for number, output in enumerate(shop.growing):
        output.open(entries[-1].sizes[number] if entries else None)
    with contextlib.ExitStack() as stack:
        for output in shop.growing:
            stack.callback(output.close)
        if ledger:
            ledger.begin(entries)
        _go_on(entries, len(items), done, bar)
        if bar.seen:
            bar.expect(_count(items, shop), done.frames)
        for number in range(len(entries), len(items)):
            entry = _one(items[number], number, shop, bar)
            if ledger:
                ledger.add(entry)
            done.take(entry)
    return done


def _finished_before(items: list[Item], shop: Workshop, ledger: Ledger | None) -> list[Entry]:
    """Return what an interrupted run of the same work has finished, if all that it wrote is still there."""
    if ledger is None:
        return []
    entries = ledger.resume(items)
    if entries and not all_kept(shop.growing, entries[-1].sizes):
        entries = []
    return entries


def _go_on(entries: list[Entry], files: int, done: Done, bar: Bar) -> None:
    """Say again what was wrong before, and where the work goes on."""
    for entry in entries:
        done.take(entry)
        for complaint in entry.complaints:
            bar.say(f"emotiond: {complaint}")
    done.resumed = len(entries)
    if entries:
        bar.say(f"going on after {len(entries)} of {files} files, finished before")


def _one(item: Item, number: int, shop: Workshop, bar: Bar) -> Entry:
    """Do one item; what is wrong with it is said and remembered."""
    complaints: list[str] = []
    seconds: list[Second] = []

    def complain(error: SourceError) -> None:
        complaints.append(str(error))
        bar.say(f"emotiond: {error}")

    stamp = item.stamp
    album = Album(shop.albums[number]) if shop.albums else None
    averages = Seconds(item.source)
    pipeline = shop.pipeline()
    bar.on(Path(item.address).name or item.address)
    frames = 0
    try:
        source = shop.source(item.address)
        if source.live:
            raise SourceError(f"{item.address}: is live and never ends; analyze reads files, record what is live")
        source.open()
        with contextlib.closing(source):
            for frame in _frames(source, item, shop.camera, complain):
                scene = pipeline.process(frame)
                if shop.lines:
                    shop.lines.write(as_json(scene, shop.min_score))
                if album:
                    album.add(scene)
                seconds += averages.add(scene.room, frame.time_seconds)
                frames += 1
                bar.step()
    except SourceError as error:
        complain(error)
    seconds += averages.end()
    if shop.table:
        shop.table.write(b"".join(map(as_line, seconds)))
    if album:
        album.finish()
    sizes = tuple(output.settle() for output in shop.growing)
    return Entry(item.address, stamp, frames, tuple(complaints), tuple(seconds), sizes)


def _frames(source: Source, item: Item, camera: str, complain: Callable[[SourceError], None]) -> Iterator[Frame]:
    index = item.first
    while True:
        try:
            picture = source.read()
        except PictureError as error:
            complain(error)
            continue
        if picture is None:
            return
        time_seconds = picture.time_seconds + item.first
        yield Frame(camera, index, time_seconds, picture.pixels, picture.name, source.still, picture.format)
        index += 1


def _count(items: list[Item], shop: Workshop) -> int | None:
    """Count the pictures of all items; None where one does not know."""
    total = 0
    for item in items:
        try:
            source = shop.source(item.address)
            if source.live:
                continue
            source.open()
        except SourceError:
            # Will be said when its turn comes.
            continue
        with contextlib.closing(source):
            if not isinstance(source, Counted):
                return None
            total += source.pictures
    return total
