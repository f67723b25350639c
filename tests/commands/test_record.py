"""`emotiond record` writes a line per camera and second, from a source or from a broker, and continues a table."""

from __future__ import annotations

import signal
import time
from datetime import datetime

import pytest

from emotiond.__main__ import main
from emotiond.report.second import Second
from emotiond.report.spreadsheet import HEADER, as_line, read_table
from tests.watch.device import messages

PATIENCE_SECONDS = 120.0
SCENE = "synthetic:?faces=3&width=480&height=270&face_pixels=90&rate=2"


def rows_in(path):
    return read_table(path) if path.exists() and path.read_bytes().count(b"\n") else []


def test_a_source_is_recorded_until_it_is_stopped(emotiond, config_file, tmp_path):
    table = tmp_path / "room.csv"
    config = config_file('[mqtt]\ndevice = "box"\n[[camera]]\nname = "desk"\n')
    child = emotiond("record", "--config", config, "--source", SCENE, "--csv", table)
    child.wait_for(lambda: any(row.shares for row in rows_in(table)), PATIENCE_SECONDS)
    child.process.send_signal(signal.SIGINT)
    assert child.wait() == 0
    rows = read_table(table)
    assert {row.source for row in rows} == {"desk"}
    seconds = [row.second for row in rows]
    assert seconds == sorted(set(seconds))
    seen = next(row for row in rows if row.shares)
    assert 1 <= seen.faces <= 3
    assert sum(seen.shares) == pytest.approx(1.0, abs=0.01)
    assert f"{len(rows)} lines written to {table}" in child.stderr
    assert "Traceback" not in child.stderr


def test_a_device_that_runs_is_recorded_from_its_topics_and_a_gap_stays_a_gap(
    emotiond, mosquitto, listen, config_file, tmp_path
):
    mosquitto.start()
    listener = listen()
    table = tmp_path / "room.csv"
    where = ["--host", "127.0.0.1", "--port", str(mosquitto.port), "--device", "box"]
    child = emotiond("record", "--from-broker", "--config", config_file(""), *where, "--csv", table)
    log = tmp_path / "mosquitto" / "log"
    child.wait_for(lambda: "-record-" in log.read_text(), PATIENCE_SECONDS)
    told = messages("box", ["desk", "door"])

    def said_and_written():
        # What comes before the subscription is not heard: say it again.
        for topic, payload in told:
            listener.publish(topic, payload)
        return {row.source for row in rows_in(table)} == {"desk", "door"}

    child.wait_for(said_and_written, PATIENCE_SECONDS)
    row = read_table(table)[-1]
    assert (row.faces, row.dominant) == (3.0, "happy")
    assert datetime.fromisoformat(row.time).utcoffset().total_seconds() == 0
    listener.publish("emotiond/box/availability", b"offline")
    listener.wait_for_word("box/availability", b"offline", PATIENCE_SECONDS)

    def silent():
        before = len(rows_in(table))
        # Two lines would be due meanwhile, and more.
        time.sleep(2.5)
        return len(rows_in(table)) == before

    child.wait_for(silent, PATIENCE_SECONDS)
    assert child.terminate() == 0
    heard = [message.topic for message in listener.heard() if "record" in message.topic]
    assert heard == [], "it has said nothing itself"


def test_a_recording_ends_by_itself_after_its_hours(emotiond, config_file, tmp_path):
    table = tmp_path / "room.csv"
    config = config_file('[mqtt]\ndevice = "box"\n')
    child = emotiond("record", "--config", config, "--source", SCENE, "--csv", table, "--hours", str(2 / 3600))
    assert child.wait(PATIENCE_SECONDS) == 0
    assert table.read_bytes().startswith(HEADER)


def test_a_table_is_continued_without_the_line_that_a_crash_cut_off(emotiond, config_file, tmp_path):
    table = tmp_path / "room.csv"
    old = as_line(Second("old", 0, 1.0, None, "2026-05-04T09:30:12.000Z"))
    table.write_bytes(HEADER + old + old[:10])
    config = config_file('[mqtt]\ndevice = "box"\n')
    child = emotiond("record", "--config", config, "--source", SCENE, "--csv", table, "--hours", str(1 / 3600))
    assert child.wait(PATIENCE_SECONDS) == 0
    assert table.read_bytes().startswith(HEADER + old)
    assert {row.source for row in read_table(table)} <= {"old", "camera"}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--hours", "0"], "--hours: must be above 0, not 0"),
        (["--source", "gopher://hall"], "[[camera]] camera: source: gopher://: no such kind of source"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(capsys, config_file, tmp_path, options, complaint):
    table = tmp_path / "room.csv"
    assert main(["record", "--config", str(config_file("")), "--csv", str(table), *options]) == 2
    assert capsys.readouterr().err.startswith(f"emotiond: {complaint}")
    assert not table.exists()


def test_another_file_is_never_overwritten(capsys, config_file, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("do not lose me\n")
    assert main(["record", "--config", str(config_file("")), "--source", SCENE, "--csv", str(notes)]) == 2
    assert "is there already, and no table of emotiond's" in capsys.readouterr().err
    assert notes.read_text() == "do not lose me\n"
