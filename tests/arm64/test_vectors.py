"""The compiler has made NEON of the loops that touch every pixel; looked up in the machine code of the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arm64.disassembly import functions_of, inner_loops

#: The functions that run for every pixel (the compiler puts those that they call inside), and what there must be among
#: the vectors of their innermost loops: bytes added up in sixteen bits; products of sixteen bits by sixteen, and the
#: upper halves of them; floats weighted and added.
HOT = {
    ("preprocess", "crop"): {"uaddl", "uaddw", "umull", "umull2", "uzp2", "fmla"},
    ("shrink", "shrink_luma"): {"uaddw", "uaddw2", "fmla"},
}


@pytest.mark.parametrize(("kernel", "name"), list(HOT))
def test_the_inner_loops_work_on_vectors(wheels: Path, kernel: str, name: str) -> None:
    functions = functions_of(wheels / "objects" / f"{kernel}.o")
    # GCC adds to the names of those that it has specialised.
    (code,) = [code for function, code in functions.items() if f"{function}.".partition(".")[0].endswith(name)]
    loops = [loop for loop in inner_loops(code) if any(one.is_vector for one in loop)]
    words = [one.word for loop in loops for one in loop if one.is_vector]
    told = f"{kernel}.{name}: {len(loops)} loops, {len(words)} vector instructions: {' '.join(sorted(set(words)))}"
    print(told)  # noqa: T201 - how many they are
    assert HOT[kernel, name] <= set(words)
