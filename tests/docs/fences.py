"""The fenced blocks of the documents, each with the reason why it is not run, where there is one.

A block is run unless the line above it is a comment: ``<!-- not run: why -->``.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REASON = re.compile(r"<!-- not run: (.+) -->")
#: What a line of commands begins with, also where a block says nothing of its language.
COMMAND = re.compile(r"(sudo |\./deploy/|emotiond |make |python3? -m |pip |docker |mosquitto_|systemctl |journalctl )")


@dataclass(frozen=True)
class Fence:
    """One block."""

    document: Path
    line: int
    language: str
    text: str
    #: Why it is not run; empty where it is.
    reason: str

    @property
    def name(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> bool:
        lines = self.text.splitlines()
        return self.language in ("sh", "bash", "shell", "console") or any(COMMAND.match(line) for line in lines)


def documents() -> list[Path]:
    """List the documents: those at the top, those in docs, and the model's card."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md"), *(ROOT / "model").glob("*.md")])


def fences_of(document: Path) -> Iterator[Fence]:
    """Yield the blocks of one document."""
    lines = document.read_text(encoding="utf-8").splitlines()
    opened: int | None = None
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("```"):
            continue
        if opened is None:
            opened = number
            continue
        above = next((text.strip() for text in reversed(lines[:opened]) if text.strip()), "")
        reason = REASON.fullmatch(above)
        text = textwrap.dedent("\n".join(lines[opened + 1 : number])) + "\n"
        language = lines[opened].strip().removeprefix("```").strip()
        yield Fence(document, opened + 1, language, text, reason[1] if reason else "")
        opened = None
    assert opened is None, f"{document}:{(opened or 0) + 1}: a block that never ends"
