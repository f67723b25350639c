"""The compiler has made NEON of the loops that touch every pixel; looked up in the machine code of the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arm64.disassembly import Instruction, functions_of, inner_loops

#: The functions that run for every pixel, by the names under which compilers leave them (GCC 14 puts `crop` inside its only
#: caller), and what there must be among the vectors of their innermost loops: bytes added up in sixteen bits; products of
#: sixteen bits by sixteen, and the upper halves of them; floats weighted and added.
HOT = {
    ("preprocess", ("crop", "crop_faces")): {"uaddl", "uaddw", "umull", "umull2", "uzp2", "fmla"},
    ("shrink", ("shrink_luma",)): {"uaddw", "uaddw2"},
}
#: The loop that weighs rows: GCC 14 lays it out in pieces, in which no branch back shows where it begins.
SCATTERED = {"shrink": {"fmla"}}


@pytest.mark.parametrize(("kernel", "names"), list(HOT))
def test_the_inner_loops_work_on_vectors(wheels: Path, kernel: str, names: tuple[str, ...]) -> None:
    functions = functions_of(wheels / "objects" / f"{kernel}.o")
    # GCC adds to the names of those that it has specialised.
    hot = [code for name, code in functions.items() if f"{name}.".partition(".")[0].endswith(names)]
    (code,) = [code for code in hot if vectors(inner_loops(code))]
    words = vectors(inner_loops(code))
    told = f"{kernel}: {len(words)} vector instructions in inner loops: {' '.join(sorted(set(words)))}"
    print(told)  # noqa: T201 - how many they are
    assert HOT[kernel, names] <= set(words)
    assert SCATTERED.get(kernel, set()) <= set(vectors([code]))


def vectors(loops: list[list[Instruction]]) -> list[str]:
    """List the vector instructions of ``loops``, by name."""
    return [one.word for loop in loops for one in loop if one.is_vector]
