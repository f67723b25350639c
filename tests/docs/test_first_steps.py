"""With only the README: from a clone to a picture of a clip of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.docs.fences import ROOT


def test_the_readme_leads_from_a_clip_to_its_timeline(make_video, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make timeline CLIP=lesson.mp4" in readme
    folder = Path(sys.prefix)
    if not (folder / ".plot").exists():
        pytest.skip("not in an environment that `make test` has built")
    clip = make_video(20, "lesson.mp4")
    command = ["make", "timeline", f"CLIP={clip}", f"OUT={tmp_path / 'timeline.png'}", f"VENV={folder}"]
    # Older than everything, so that nothing is built anew while other tests run.
    done = subprocess.run(
        [shutil.which("make") or "make", "-o", f"{folder}/.plot", *command[1:]],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(tmp_path / "timeline.png")).shape == (600, 1200, 3)


def test_without_a_clip_it_says_what_is_missing():
    done = subprocess.run(
        ["make", "-n", "timeline"], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 2
    assert "CLIP=FILE says which clip" in done.stderr
