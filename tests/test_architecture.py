"""Imports point down, rooms never meet, one file each knows TFLite and paho, and no file outgrows its purpose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "daemon" / "emotiond"
LONGEST_LINES = 250
#: From the ground up. An import goes to a lower storey, or stays in its own room.
STOREYS = (
    {"", "records", "config", "native"},
    {"capture", "vision", "mood", "mqtt", "system"},
    {"pipeline", "service", "parts"},
    {"report"},
    {"demo", "doctor", "analysis", "watch", "bench"},
    {"commands"},
    {"__main__"},
)
#: Where every other module of the package's own folder stands, too.
WIRING = 2
FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [str(file.relative_to(PACKAGE)) for file in FILES]


def imports(file: Path) -> Iterator[str]:
    """Yield the full name of everything that `file` imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import hides where it points"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of_file(file: Path) -> str:
    place = file.relative_to(PACKAGE)
    return place.parts[0] if len(place.parts) > 1 else place.stem.replace("__init__", "")


def room_of_import(name: str) -> str | None:
    """Return the room that a full name points to; '' is the package itself, None somewhere else."""
    first, _, rest = name.partition(".")
    if first != "emotiond":
        return None
    room = rest.split(".", maxsplit=1)[0]
    return room if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file() else ""


def storey(room: str) -> int:
    return next((height for height, rooms in enumerate(STOREYS) if room in rooms), WIRING)


def test_the_package_is_found() -> None:
    assert len(FILES) > 30
    assert PACKAGE / "vision" / "runtime.py" in FILES


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_imports_point_down(file: Path) -> None:
    here = room_of_file(file)
    for name in imports(file):
        there = room_of_import(name)
        if there is not None and there != here and storey(here) != WIRING:
            assert storey(there) < storey(here), f"{here} may not import {name}"
        elif there is not None:
            assert storey(there) <= storey(here), f"{here} may not import {name}"


def test_the_wiring_goes_in_no_circle() -> None:
    wiring = {room_of_file(file): file for file in FILES if storey(room_of_file(file)) == WIRING}
    assert {"pipeline", "service", "parts"} <= set(wiring)
    arrows = {room: {room_of_import(name) for name in imports(file)} & set(wiring) for room, file in wiring.items()}
    assert list(TopologicalSorter(arrows).static_order())[-1] == "assembly"


def test_every_room_has_a_storey() -> None:
    rooms = {file.relative_to(PACKAGE).parts[0] for file in FILES if file.parent != PACKAGE}
    assert rooms - {"models"} <= set().union(*STOREYS)


def test_rooms_meet_only_in_records() -> None:
    rooms = STOREYS[1]
    for file in (file for file in FILES if room_of_file(file) in rooms):
        others = rooms - {room_of_file(file)}
        assert not [name for name in imports(file) if room_of_import(name) in others], file


def test_one_file_alone_knows_the_tflite_runtime() -> None:
    def knows(file: Path) -> bool:
        strings = (
            node.value
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        modules = ("ai_edge_litert", "tflite_runtime", "tensorflow")
        return any(word.split(".")[0] in modules for word in (*imports(file), *strings))

    assert [file for file in FILES if knows(file)] == [PACKAGE / "vision" / "runtime.py"]


def test_only_the_publisher_and_the_demo_know_paho() -> None:
    knowing = {file.relative_to(PACKAGE) for file in FILES for name in imports(file) if name.split(".")[0] == "paho"}
    assert Path("mqtt/publisher.py") in knowing
    assert {path for path in knowing if path.parts[0] != "demo"} == {Path("mqtt/publisher.py")}


def test_nothing_that_is_installed_knows_the_training() -> None:
    for file in FILES:
        known = {name.split(".")[0] for name in imports(file)}
        assert not known & {"model", "keras", "torch", "tests"}, file


def test_no_file_is_too_long() -> None:
    folders = ("daemon", "native", "model", "tests", "deploy")
    files = [file for folder in folders for end in ("py", "pyx", "pxd") for file in (ROOT / folder).rglob(f"*.{end}")]
    long = {str(file.relative_to(ROOT)): count for file in files if (count := _lines(file)) > LONGEST_LINES}
    assert not long


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [file for file in FILES if vague & set(file.relative_to(PACKAGE).with_suffix("").parts)]


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())
