"""docs/configuration.md is what the configuration classes say now, and every key of every table stands in it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from emotiond.__main__ import main
from emotiond.config import CameraDetector, Config
from emotiond.config.reference import reference
from emotiond.config.tables import Table

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_document_is_current(capsys):
    assert main(["check", "--keys"]) == 0
    assert capsys.readouterr().out == DOCUMENT.read_text(), "renew it: emotiond check --keys > docs/configuration.md"


def test_every_key_stands_under_its_table_with_its_default_and_a_meaning():
    told = reference()
    tables = {field.name: type(field.default) for field in msgspec.structs.fields(Config) if field.name != "camera"}
    for name, table in tables.items():
        section = told.split(f"\n## `[{name}]`\n")[1].split("\n## ")[0]
        for field in msgspec.structs.fields(table):
            if isinstance(field.default, Table):
                assert f"\n## `[{name}.{field.name}]`\n" in told
                continue
            (row,) = [line for line in section.splitlines() if line.startswith(f"| `{field.name}` |")]
            cells = [cell.strip() for cell in row.strip("|").split(" | ")]
            assert len(cells) == 4, row
            assert all(cells), row
            if not isinstance(field.default, bool | str):
                assert cells[1] == f"`{msgspec.json.encode(field.default).decode()}`"


def test_a_camera_may_have_a_detector_table_of_its_own():
    told = reference()
    section = told.split("\n## `[camera.detector]`\n")[1].split("\n## ")[0]
    assert told.index("## `[[camera]]`") < told.index("## `[camera.detector]`") < told.index("## `[capture]`")
    for field in msgspec.structs.fields(CameraDetector):
        assert f"| `{field.name}` | not set |" in section


def test_ranges_and_words_are_told():
    told = reference()
    assert "| `port` | `1883` | whole number from 1 to 65535 |" in told
    assert '| `runtime` | `"auto"` | `"auto"`, `"litert"`, `"tflite-runtime"` |' in told
    assert "| `realtime` | true | true or false |" in told
