"""`emotiond demo` shows the whole path on one machine, ends by itself, and succeeds only if events arrived."""

from __future__ import annotations

import re

import cv2
import numpy as np

#: The demo's own patience with its daemon and more.
PATIENCE_SECONDS = 240.0


def test_the_demo_tells_who_enters_and_leaves_and_sums_up(emotiond):
    child = emotiond("demo", "--seconds", "12")
    assert child.wait(PATIENCE_SECONDS) == 0, child.stdout + child.stderr
    told = child.stdout
    assert re.search(r"^ +\d+\.\d s  face \d+ enters, \w+ \(\d+% sure\)$", told, re.MULTILINE)
    assert re.search(r"^ +\d+\.\d s  face \d+ leaves after \d+\.\d s, mostly \w+$", told, re.MULTILINE)
    assert re.search(r"^ +\d+\.\d s  the room: \d faces, on average \w+$", told, re.MULTILINE)
    summary = re.search(
        r"^summary: (\d+) frames, (\d+) faces, ([\d.]+) frames per second, (\d+) events ", told, re.MULTILINE
    )
    assert summary, told
    frames, faces, rate, events = (float(figure) for figure in summary.groups())
    assert frames > 10
    assert faces >= 4
    assert rate > 0.0
    assert events >= 2 * faces
    assert "Traceback" not in told + child.stderr


def test_a_demo_without_a_single_face_fails(emotiond, tmp_path):
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((100, 100, 3), 120, np.uint8))
    child = emotiond("demo", "--seconds", "4", "--source", tmp_path / "empty.png")
    assert child.wait(PATIENCE_SECONDS) == 1
    assert "0 events (none)" in child.stdout
    assert "Traceback" not in child.stdout + child.stderr
