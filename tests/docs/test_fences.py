"""Every fenced command of every document runs, or says why not; every other block is what it says it is.

``make docs-check`` runs this alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
import yaml
from skimage import data

from emotiond.config import load
from emotiond.records import EMOTIONS
from emotiond.report.second import Second
from emotiond.report.spreadsheet import HEADER, as_line
from tests.docs.fences import ROOT, documents, fences_of

FENCES = [fence for document in documents() for fence in fences_of(document)]
COMMANDS = [fence for fence in FENCES if fence.commands]
#: For one block; a machine may have other work.
PATIENCE_SECONDS = 900.0


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder with all that the documents' commands speak of: a clip, pictures, a recording."""
    desk = tmp_path_factory.mktemp("desk")
    face = cv2.cvtColor(data.astronaut()[:240, 60:380], cv2.COLOR_RGB2BGR)
    for folder in ("pictures", "clips"):
        (desk / folder).mkdir()
    for name in ("one.png", "two.jpg"):
        assert cv2.imwrite(str(desk / "pictures" / name), face)
    for clip in (desk / "lesson.mp4", desk / "clips" / "monday.mp4"):
        writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), 5.0, (320, 240))
        for _ in range(10):
            writer.write(face)
        writer.release()
    shares = tuple(1.0 / len(EMOTIONS) for _ in EMOTIONS)
    rows = [Second("desk", n, 2.0, shares, f"2026-05-04T09:30:{n:02d}.000Z") for n in range(30)]
    (desk / "room.csv").write_bytes(HEADER + b"".join(map(as_line, rows)))
    return desk


def test_the_documents_are_found():
    names = {document.relative_to(ROOT).as_posix() for document in documents()}
    assert {"README.md", "README.vi.md", "docs/mqtt.md", "docs/commands.md", "model/README.md"} <= names
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("fence", COMMANDS, ids=lambda fence: fence.name)
def test_commands_run_or_say_why_not(fence, desk):
    if fence.reason:
        assert len(fence.reason.split()) >= 3, f"{fence.name}: {fence.reason!r} is no reason"
        for named in re.findall(r"(?:tests|deploy)/[\w/]+\.py", fence.reason):
            assert (ROOT / named).is_file(), f"{fence.name}: {named} is gone"
        return
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", fence.text],
        cwd=desk,
        env={**os.environ, "PATH": path, "HOME": str(desk)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{fence.name}:\n{fence.text}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("fence", [fence for fence in FENCES if not fence.commands], ids=lambda fence: fence.name)
def test_other_blocks_are_what_they_say(fence, tmp_path):
    if fence.language == "toml":
        path = tmp_path / "emotiond.toml"
        path.write_text(fence.text)
        load(path)
    elif fence.language == "json":
        json.loads(fence.text)
    elif fence.language == "yaml":
        assert yaml.safe_load(fence.text)
    elif fence.language == "python":
        compile(fence.text, fence.name, "exec")
    else:
        assert fence.language in ("", "text", "ini", "csv"), f"{fence.name}: nobody checks {fence.language}"


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_links_to_files_lead_somewhere(document):
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), f"{document.relative_to(ROOT)}: {target}"


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_anchors_lead_to_headings(document):
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        there = document.parent / target if target else document
        heads = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
        assert anchor in slugs, f"{document.relative_to(ROOT)}: {target}#{anchor}"
