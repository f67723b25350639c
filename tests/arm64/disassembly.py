"""The machine code of a compiled kernel: its functions, and the loops in them that hold no other loop."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FUNCTION: Final = re.compile(r"^[0-9a-f]+ <(?P<name>[^>]+)>:$")
INSTRUCTION: Final = re.compile(r"^ *(?P<address>[0-9a-f]+):\t(?P<word>[a-z0-9.]+)(?:\t(?P<operands>.*))?$")
#: A branch within the function, with a condition or without.
BRANCH: Final = re.compile(r"^(?:b|b\.[a-z]+|cbn?z|tbn?z)$")
TARGET: Final = re.compile(r"(?P<address>[0-9a-f]+) <[^>]*>$")
#: Lanes of a vector of 8 or 16 bytes.
VECTOR: Final = re.compile(r"\bv\d+\.(?:16b|8b|8h|4h|4s|2s|2d)\b")


@dataclass(frozen=True)
class Instruction:
    """One line of the listing."""

    address: int
    word: str
    operands: str

    @property
    def is_vector(self) -> bool:
        return VECTOR.search(self.operands) is not None


def functions_of(compiled: Path) -> dict[str, list[Instruction]]:
    """List every function of an object file of arm64."""
    command = ["aarch64-linux-gnu-objdump", "--disassemble", "--no-show-raw-insn", compiled]
    listing = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    functions: dict[str, list[Instruction]] = {}
    for line in listing.splitlines():
        if begin := FUNCTION.match(line):
            here = functions.setdefault(begin["name"], [])
        elif found := INSTRUCTION.match(line):
            here.append(Instruction(int(found["address"], 16), found["word"], found["operands"] or ""))
    return functions


def inner_loops(code: list[Instruction]) -> list[list[Instruction]]:
    """Return the loops that hold no other: from where a branch leads back to, down to the branch."""
    spans = []
    for instruction in code:
        target = TARGET.search(instruction.operands) if BRANCH.match(instruction.word) else None
        if target is not None and code[0].address <= int(target["address"], 16) <= instruction.address:
            spans.append((int(target["address"], 16), instruction.address))
    innermost = [
        span
        for span in spans
        if not any(span[0] <= begin and end <= span[1] for begin, end in spans if (begin, end) != span)
    ]
    return [[one for one in code if begin <= one.address <= end] for begin, end in innermost]
