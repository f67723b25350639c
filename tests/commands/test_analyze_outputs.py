"""`emotiond analyze` also writes a table, a timeline and annotated pictures, and goes on where it was stopped."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import sys

import cv2
import numpy as np
import pytest

from emotiond.__main__ import main


def analyze(*words):
    return main(["analyze", *map(str, words)])


def frames_of(path):
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    capture.release()
    return frames


def test_a_clip_gives_lines_a_table_a_timeline_and_an_annotated_clip_in_one_go(make_video, tmp_path, capsys):
    clip = make_video(24)
    out = {end: tmp_path / f"out.{end}" for end in ("jsonl", "csv", "png", "mp4")}
    options = ["--json", out["jsonl"], "--csv", out["csv"], "--plot", out["png"], "--annotate", out["mp4"]]
    assert analyze(clip, *options) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert re.search(r"^1 file: 24 pictures, 3 seconds of the timeline, in \d+\.\d s$", told.err, re.MULTILINE)

    lines = [json.loads(line) for line in out["jsonl"].read_text().splitlines()]
    rows = list(csv.DictReader(out["csv"].read_text().splitlines()))
    assert [row["second"] for row in rows] == ["0", "1", "2"]
    for row in rows:
        frames = [line["room"] for line in lines if int(line["time_seconds"]) == int(row["second"])]
        assert float(row["faces"]) == pytest.approx(np.mean([room["faces"] for room in frames]), abs=0.01)
        moods = [room["scores"] for room in frames if room["faces"]]
        if moods:
            mean = {emotion: np.mean([mood[emotion] for mood in moods]) for emotion in moods[0]}
            assert row["dominant"] == max(mean, key=mean.get)
            for emotion, share in mean.items():
                assert float(row[emotion]) == pytest.approx(share, abs=0.01)
        else:
            assert row["dominant"] == row["happy"] == ""
    assert any(row["dominant"] for row in rows)

    assert cv2.imread(str(out["png"])).shape[1] > 600
    before, after = frames_of(clip), frames_of(out["mp4"])
    assert len(after) == len(before)
    assert after[0].shape == before[0].shape
    seen = next(line for line in reversed(lines) if line["faces"])
    x, y, _, h = (round(side) for side in seen["faces"][0]["box"])
    changed = np.abs(after[seen["frame"]].astype(int) - before[seen["frame"]]).max(axis=2) > 60
    edge = changed[max(y, 0) : y + h, max(x - 3, 0) : x + 4]
    assert edge.mean() > 0.3, "a box stands where the face is"
    assert changed[:, -1].any(), "and a bar for the room at the lower edge"
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", *(path.name for path in out.values())}


@pytest.fixture
def folder(tmp_path, astronaut):
    """A folder of eight pictures, one of them no picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(8):
        cv2.imwrite(str(folder / f"{number}.png"), np.roll(astronaut, 8 * number, axis=1))
    (folder / "3.png").write_bytes(b"noise")
    return folder


def test_pictures_are_annotated_into_a_folder_under_their_names(folder, tmp_path):
    assert analyze(folder, "--annotate", tmp_path / "seen") == 1, "one of them is bad"
    seen = sorted(path.name for path in (tmp_path / "seen").iterdir())
    assert seen == [f"{number}.png" for number in range(8) if number != 3]
    before, after = cv2.imread(str(folder / "0.png")), cv2.imread(str(tmp_path / "seen" / "0.png"))
    assert after.shape == before.shape
    assert (before != after).any()


def test_the_pictures_of_a_database_are_lines_rows_and_annotated_pictures(tmp_path, astronaut):
    database = tmp_path / "faces.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE images (id INTEGER PRIMARY KEY, image BLOB)")
        for height in (512, 400):
            code = cv2.imencode(".png", astronaut[:height])[1].tobytes()
            connection.execute("INSERT INTO images (image) VALUES (?)", (code,))
        connection.commit()
    table, seen = tmp_path / "faces.csv", tmp_path / "seen"
    address = f"sqlite://{database}?table=images&image=image&id=id"
    assert analyze(address, "--csv", table, "--annotate", f"{seen}/") == 0
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["second"] for row in rows] == ["0", "1"]
    assert {row["source"] for row in rows} == {address}
    pictures = [cv2.imread(str(path)) for path in sorted(seen.glob("*/*.png"))]
    assert [picture.shape[0] for picture in pictures] == [512, 400]


def test_work_that_was_killed_goes_on_and_ends_as_if_it_never_had_been(emotiond, folder, tmp_path):
    # So many that the fastest machine is still at work when it is looked at.
    for number in range(9000, 9092):
        os.link(folder / "0.png", folder / f"{number}.png")
    outputs = {}
    for name in ("straight", "killed"):
        outputs[name] = [tmp_path / f"{name}.jsonl", tmp_path / f"{name}.csv"]
    straight, killed = (
        ["analyze", folder, "--json", lines, "--csv", table]
        for lines, table in (outputs["straight"], outputs["killed"])
    )
    whole = emotiond(*straight)
    ledger = tmp_path / "killed.jsonl.progress"
    first = emotiond(*killed)
    first.wait_for(lambda: ledger.exists() and len(ledger.read_bytes().splitlines()) > 3, 120)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(20)
    finished = len(ledger.read_bytes().split(b"\n")) - 2
    assert 3 <= finished < 100
    again = emotiond(*killed)
    assert again.wait(120) == whole.wait(120) == 1
    assert f"going on after {finished} of 100 files, finished before" in again.stderr
    if finished > 3:
        assert f"{folder}/3.png: not a picture" in again.stderr, "what was wrong before is said again"
    for one, other in zip(outputs["straight"], outputs["killed"], strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert not ledger.exists()


def test_a_terminal_shows_how_far_it_is_and_how_long_it_takes_and_a_pipe_does_not(make_video, tmp_path):
    clip = make_video(15)
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "emotiond", "analyze", str(clip), "--json", str(tmp_path / "out.jsonl")]
    child = subprocess.Popen(command, stderr=writer, env={**os.environ, "TERM": "xterm-256color"})
    os.close(writer)
    shown = b""
    # Reading fails once the child has closed the terminal.
    try:
        while part := os.read(reader, 4096):
            shown += part
    except OSError:
        pass
    os.close(reader)
    assert child.wait(60) == 0
    assert b"clip.mp4" in shown
    assert re.search(rb"\d+/15", shown)
    assert re.search(rb"\d+%", shown)
    assert re.search(rb"[0-9-]:[0-9-]{2}:[0-9-]{2}", shown)
    piped = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert b"\x1b" not in piped.stderr
    assert b"/15" not in piped.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "analyze: say what to write: "),
        (["--json", "-", "--csv", "-"], "analyze: --json and --csv: only one can go to standard output"),
        (["--plot", "timeline.xls"], "--plot: timeline.xls: must end with .png, .svg, .pdf"),
        (["--plot", "none/timeline.png"], "--plot: none/timeline.png: there is no folder none"),
        (["--csv", "none/room.csv"], "--csv: none/room.csv: cannot be written: No such file or directory"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2_before_anything_is_read(capsys, tmp_path, monkeypatch, options, complaint):
    monkeypatch.chdir(tmp_path)
    assert analyze("clip.mp4", *options) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("emotiond: ")]
    assert line.startswith(f"emotiond: {complaint}")
    assert list(tmp_path.iterdir()) == []


def test_two_clips_do_not_go_into_one(make_video, tmp_path, capsys):
    clip = make_video(3)
    shutil.copy(clip, tmp_path / "other.mp4")
    assert analyze(clip, tmp_path / "other.mp4", "--annotate", tmp_path / "out.mp4") == 2
    assert "2 files need a folder: --annotate out/" in capsys.readouterr().err
