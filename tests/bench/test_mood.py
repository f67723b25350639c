"""The bench plays the same scene for everybody, and its judge counts what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emotiond import parts
from emotiond.bench.mood import compare, lines
from emotiond.bench.scene import Faults, Play, Plot, play
from emotiond.bench.score import Judge
from emotiond.bench.stage import Onlooker, frames
from emotiond.bench.table import load_table
from emotiond.config import Config
from emotiond.records import EMOTIONS, Box, Event, EventKind, Face, FaceMood, Frame, Mood, RoomMood, Scene

PLOT = Plot("a few", seated=3, walkers=1, frames_per_second=10.0, detect_every_frames=2, seconds=20.0)


def perfect(played: Play, frame: Frame, numbers: list[int]) -> Scene:
    """What a tracker without any fault would say."""
    here = np.flatnonzero(played.present[frame.index])
    faces = []
    for column in here:
        scores = np.eye(7, dtype=np.float32)[played.emotion[frame.index, column]]
        mood = Mood(EMOTIONS[played.emotion[frame.index, column]], 1.0, scores)
        faces.append(FaceMood(Face(Box(*played.boxes[frame.index, column]), 1.0), mood, numbers[column]))
    mean = np.mean([face.mood.scores for face in faces], axis=0) if faces else None
    room = RoomMood(len(faces), Mood("", 0.0, mean) if mean is not None else None)
    return Scene(frame, faces, room, [])


def test_the_table_holds_the_confusion_it_tells() -> None:
    table = load_table()
    scores = table.scores()
    np.testing.assert_allclose(scores.sum(axis=2), 1.0, atol=1e-5)
    sampled = np.stack([np.bincount(rows.argmax(axis=1), minlength=7) / len(rows) for rows in scores])
    np.testing.assert_allclose(sampled, table.confusion, atol=0.05)


def test_the_same_seed_gives_the_same_play_with_the_faults_asked_for() -> None:
    table = load_table()
    plot = Plot("long", 10, 0, 10.0, 1, seconds=300.0)
    faults = Faults(miss_share=0.3, false_per_second=0.0, weak_false_per_second=0.0)
    first, second = (play(plot, table, faults, 5) for _ in range(2))
    assert first.found == second.found
    np.testing.assert_array_equal(first.scores, second.scores)
    assert sum(map(len, first.found)) / first.visible.sum() == pytest.approx(0.7, abs=0.05)


def test_what_is_no_face_is_turned_away_in_every_look_or_in_none() -> None:
    table = load_table()
    ghosts_only = Plot("nobody", 0, 0, 10.0, 1, seconds=120.0)
    played = play(ghosts_only, table, Faults(false_per_second=2.0, false_seconds=1.0, rejected_share=0.6), 6)
    onlooker = Onlooker(played, table.sidecar(), parts.eyesight(Config()))
    turned_away: dict[Box, set[bool]] = {}
    for frame in frames(played):
        boxes = [face.box for face in played.found[frame.index]]
        for box, reading in zip(boxes, onlooker.read(frame, boxes), strict=True):
            turned_away.setdefault(box, set()).add(reading.not_a_face > table.reject_above)
    # One that is turned away beside one that deceives is read as that one.
    steady = [looks for looks in turned_away.values() if len(looks) == 1]
    assert len(steady) > 0.9 * len(turned_away)
    assert sum(True in looks for looks in steady) / len(steady) == pytest.approx(0.6, abs=0.1)


def test_a_perfect_tracker_has_no_fault_and_a_swap_is_counted() -> None:
    played = play(PLOT, load_table(), Faults(), 2)
    count = played.boxes.shape[1]
    good, bad = Judge(played), Judge(played)
    for frame in frames(played):
        late = frame.index > 100
        good.watch(perfect(played, frame, list(range(count))))
        bad.watch(perfect(played, frame, [1, 0, *range(2, count)] if late else list(range(count))))
    assert good.verdict([]).switches == 0
    assert good.verdict([]).room() == pytest.approx(0.0, abs=1e-6)
    assert bad.verdict([]).switches == 2


def test_events_are_counted_for_the_face_that_they_are_about() -> None:
    played = play(Plot("one", 1, 0, 10.0, 1, seconds=20.0), load_table(), Faults(), 3)
    judge = Judge(played)
    mood = Mood("happy", 1.0, np.eye(7, dtype=np.float32)[3])
    for frame in frames(played):
        judge.watch(perfect(played, frame, [9]))
    told = [
        Event(kind, "bench", 9, now, Box(0, 0, 1, 1), mood)
        for kind, now in ((EventKind.ENTER, 0.2), (EventKind.LEAVE, 19.0))
    ]
    assert judge.verdict(told).whole() == 1.0


def test_the_real_pipeline_beats_the_plain_one_on_switches_and_flicker() -> None:
    plot = Plot("some", 8, 2, 15.0, 2, seconds=20.0)
    result = compare(plot, Config(), load_table(), Faults(), 1)
    plain, ours = result.plain, result.ours
    assert ours.switches_per_thousand() < plain.switches_per_thousand() / 3.0
    assert ours.changes < plain.changes / 3.0
    assert ours.whole() > plain.whole()


def test_the_table_of_results_names_every_scene() -> None:
    plot = Plot("40 in short", 40, 0, 10.0, 1, seconds=6.0)
    text = lines([compare(plot, Config(), load_table(), Faults(miss_share=0.0), 1)])
    assert sum("40 in short" in line for line in text) == 2
    assert any("cost per frame at about 40 faces" in line for line in text)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--seconds", "0"], "--seconds: must be from 0.1 to 3600, not 0"),
        (["--mood", "--strip", "x.png"], "--strip needs --mood and --clip"),
        (["--mood", "--plays", "0"], "--plays: must be above 0, not 0"),
        (["--mood", "--miss-share", "1"], "--miss-share: must be at least 0 and below 1, not 1"),
    ],
)
def test_a_wrong_command_line_gets_one_line(arguments: list[str], complaint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "emotiond", "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_clip_that_is_missing_gets_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "emotiond", "bench", "--mood", "--clip", str(tmp_path / "no.mp4")],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert "no.mp4: cannot be read" in done.stderr or "sidecar" in done.stderr
    assert "Traceback" not in done.stderr
