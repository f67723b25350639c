"""The compiler has made NEON of the loops that touch every pixel; looked up in the machine code of the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arm64.disassembly import functions_of, inner_loops

#: What there must be among the vectors of the innermost loops: bytes added up in sixteen bits; products of sixteen bits by
#: sixteen, and the upper halves of them. Which function they end up in is the compiler's choice.
HOT = {
    "preprocess": {"uaddl", "uaddw", "umull", "umull2", "uzp2"},
    "shrink": {"uaddw", "uaddw2"},
}
#: Weighted, and added in the same instruction or in another one.
WEIGHTED = {"fmla", "fmul"}


@pytest.mark.parametrize("kernel", list(HOT))
def test_the_inner_loops_work_on_vectors(wheels: Path, kernel: str) -> None:
    functions = functions_of(wheels / "objects" / f"{kernel}.o")
    inner = [loop for code in functions.values() for loop in inner_loops(code)]
    loops = [loop for loop in inner if any(one.is_vector for one in loop)]
    words = [one.word for loop in loops for one in loop if one.is_vector]
    told = f"{kernel}: {len(loops)} loops, {len(words)} vector instructions: {' '.join(sorted(set(words)))}"
    print(told)  # noqa: T201 - how many they are
    assert HOT[kernel] <= set(words)
    assert WEIGHTED & set(words)
