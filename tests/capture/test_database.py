"""A table of pictures is read row by row; what is none is named, and a missing table is said."""

from __future__ import annotations

import sqlite3

import pytest

from emotiond.capture.address import source_of
from emotiond.capture.source import PictureError, SourceError, Wish
from tests.capture.webcam import jpeg

WISH = Wish(64, 48, 10.0, 1.0)


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "class of 2026.db"
    connection = sqlite3.connect(path)
    connection.execute('CREATE TABLE "the faces" (number INTEGER, "a ""picture" BLOB)')
    rows = [(3, jpeg(3)), (1, jpeg(1)), (2, b"nothing"), (4, None), (5, "words")]
    connection.executemany('INSERT INTO "the faces" VALUES (?, ?)', rows)
    connection.commit()
    connection.close()
    return path


def read_all(source):
    names, errors = [], []
    source.open()
    while True:
        try:
            picture = source.read()
        except PictureError as error:
            errors.append(str(error).rpartition("#")[2])
            continue
        if picture is None:
            source.close()
            return names, errors
        assert picture.pixels.shape == (120, 160, 3)
        names.append(picture.name.rpartition("#")[2])


def test_rows_come_in_the_order_of_their_ids_and_bad_ones_are_named(database):
    source = source_of(f'sqlite://{database}?table=the faces&image=a "picture&id=number', WISH)
    for _ in range(2):
        names, errors = read_all(source)
        assert names == ["1", "3"]
        assert errors == [f"{number}: not a picture that can be read" for number in (2, 4, 5)]


def test_nothing_is_written(database):
    before = database.read_bytes()
    read_all(source_of(f'sqlite://{database}?table=the faces&image=a "picture', WISH))
    assert database.read_bytes() == before
    assert [file.name for file in database.parent.iterdir()] == [database.name]


@pytest.mark.parametrize(
    ("name", "table", "words"),
    [
        ("none.db", "faces", r"none\.db: cannot be read: No such file or directory"),
        ("class of 2026.db", "faces", "no such table: faces"),
        ("class of 2026.db", "the faces", r"no such column: t\.image"),
        ("text.db", "faces", "file is not a database"),
    ],
)
def test_what_is_missing_is_said(database, name, table, words):
    (database.parent / "text.db").write_text("no database\n" * 100)
    with pytest.raises(SourceError, match=words):
        source_of(f"sqlite://{database.parent / name}?table={table}", WISH).open()


def test_a_table_of_any_length_is_streamed(tmp_path):
    connection = sqlite3.connect(tmp_path / "many.db")
    connection.execute("CREATE TABLE faces (image BLOB)")
    connection.executemany("INSERT INTO faces VALUES (?)", ((jpeg(number),) for number in range(300)))
    connection.commit()
    connection.close()
    names, errors = read_all(source_of(f"sqlite://{tmp_path / 'many.db'}?table=faces", WISH))
    assert (names, errors) == ([str(number) for number in range(1, 301)], [])
