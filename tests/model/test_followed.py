"""Faces of a clip are followed without a tracker, and what is wrong with their boxes is counted."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from emotiond.records import Box, Face
from model.faults import jitter, runs, told_apart
from model.followed import Sight, Stretch, link
from model.swings import swing_of


def sight(look: int, x: float, side: float = 20.0) -> Sight:
    return Sight(look, Face(Box(x, 50.0, side, side), 1.0))


def test_sights_are_linked_to_the_nearest_face_over_short_gaps() -> None:
    looks = [[sight(n, 10.0 + n), *([sight(n, 100.0)] if n not in (3, 4) else [])] for n in range(8)]
    faces = link(looks, longest_gap=3)
    assert sorted(len(face) for face in faces) == [6, 8]
    assert len(link(looks, longest_gap=2)) == 3


def test_a_face_of_another_size_is_another_face() -> None:
    assert len(link([[sight(0, 10.0, 20.0)], [sight(1, 10.0, 60.0)]], longest_gap=1)) == 2


def test_runs_tell_the_share_and_the_length() -> None:
    states = [np.array([0, 1, 1, 0, 0, 1, 0, 0, 0, 0], np.bool_), np.array([1, 0], np.bool_)]
    assert runs(states) == (4 / 12, 4 / 3)


def test_jitter_knows_no_even_motion_and_tells_the_noise() -> None:
    rng = np.random.default_rng(0)
    even = [sight(n, 10.0 + 3.0 * n) for n in range(50)]
    assert jitter([even]) == pytest.approx((0.0, 0.0), abs=1e-9)
    noisy = [sight(n, 10.0 + 3.0 * n + rng.normal(0.0, 1.0)) for n in range(4000)]
    # Half of the coordinates have no noise.
    assert jitter([noisy])[0] == pytest.approx(0.05 / np.sqrt(2.0), rel=0.1)


def test_a_swing_is_told_with_its_share_and_its_time() -> None:
    rng = np.random.default_rng(1)
    noise, sights = np.zeros(7), []
    for look in range(4000):
        noise = np.exp(-0.1 / 0.5) * noise + np.sqrt(1.0 - np.exp(-0.2 / 0.5)) * rng.normal(0.0, 0.3, 7)
        scores = np.exp(noise) / np.exp(noise).sum()
        sights.append(Sight(look, Face(Box(0.0, 0.0, 9.0, 9.0), 1.0), scores.astype(np.float32)))
    swing = swing_of(sights, 0.1, strangers=1.0)
    assert swing is not None
    assert swing[0] == pytest.approx(6 * 0.09, rel=0.15)
    assert swing[1] == pytest.approx(0.5, abs=0.15)


def test_a_stretch_is_a_file_and_its_seconds() -> None:
    assert Stretch.parse("a.mp4") == (Path("a.mp4"), 0.0, float("inf"))
    assert Stretch.parse("a.mp4@21-42") == (Path("a.mp4"), 21.0, 42.0)
    with pytest.raises(argparse.ArgumentTypeError, match="FILE@FROM-TO"):
        Stretch.parse("a.mp4@21")


def test_what_the_clip_cuts_off_is_neither_a_face_nor_none() -> None:
    def face(first: int, last: int) -> list[Sight]:
        return [sight(look, 100.0) for look in range(first, last + 1)]

    long, brief, at_the_beginning, at_the_end = face(0, 40), face(10, 13), face(0, 3), face(37, 40)
    faces = [long, brief, at_the_beginning, at_the_end]
    assert told_apart(faces, 0.05, sure_score=0.5, last_look=40) == ([long], [brief])
