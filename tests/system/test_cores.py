"""Threads follow the cores, and whoever wishes a number gets it."""

from __future__ import annotations

import cv2
import pytest

from emotiond.system.cores import MOST_THREADS, cores, set_opencv_threads, threads_for


@pytest.mark.parametrize(
    ("wish", "available", "spare_core", "threads"),
    [
        ("auto", 1, False, 1),
        ("auto", 1, True, 1),
        ("auto", 2, False, 2),
        ("auto", 2, True, 1),
        ("auto", 4, False, 4),
        ("auto", 4, True, 3),
        ("auto", 64, False, MOST_THREADS),
        (3, 1, True, 3),
    ],
)
def test_threads_follow_the_cores(wish, available, spare_core, threads):
    assert threads_for(wish, available, spare_core=spare_core) == threads


def test_there_is_a_core():
    assert cores() >= 1


def test_opencv_is_told():
    before = cv2.getNumThreads()
    try:
        set_opencv_threads(1)
        assert cv2.getNumThreads() == 1
    finally:
        set_opencv_threads(before)
