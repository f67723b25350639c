"""Who uses the processor is read from /proc: a tree of its own for figures, the real one for sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotiond.system.load import Load


def write(proc: Path, machine: str, processes: dict[int, tuple[int, int]]) -> None:
    """Write the machine's ticks, and for each process its parent and its own."""
    (proc / "stat").write_text(f"cpu  {machine}\ncpu0 {machine}\nintr 1 2 3\n")
    for number, (parent, ticks) in processes.items():
        (proc / str(number)).mkdir(exist_ok=True)
        zeros = "0 " * 9
        (proc / str(number) / "stat").write_text(f"{number} (a (b) c) S {parent} {zeros}{ticks} 0 0 0\n")


def test_we_and_our_children_are_not_others(tmp_path: Path) -> None:
    load = Load(tmp_path, process=100)
    write(tmp_path, "1000 50 100 5000 10 0 0 0 0 0", {100: (1, 200), 101: (100, 50), 7: (1, 900)})
    assert load.look() is None
    # 400 ticks: 240 busy, of which we used 60 and our child 20; 40 were used by nice programs, 120 by nobody.
    write(tmp_path, "1200 90 140 5110 20 0 0 0 0 0", {100: (1, 260), 101: (100, 70), 7: (1, 1060)})
    shares = load.look()
    assert shares is not None
    assert shares.others == pytest.approx(160 / 400)
    assert shares.idle == pytest.approx(160 / 400)


def test_a_child_that_ends_makes_nobody_else_guilty(tmp_path: Path) -> None:
    load = Load(tmp_path, process=100)
    write(tmp_path, "100 0 0 900 0 0 0 0", {100: (1, 50), 101: (100, 40)})
    load.look()
    (tmp_path / "101" / "stat").unlink()
    write(tmp_path, "110 0 0 990 0 0 0 0", {100: (1, 55)})
    shares = load.look()
    assert shares is not None
    assert shares.others <= 0.1


@pytest.mark.parametrize("words", ["", "cpu\n", "cpu a b c\n", "intr 5\n"])
def test_a_machine_that_does_not_tell_is_no_error(tmp_path: Path, words: str) -> None:
    (tmp_path / "stat").write_text(words)
    load = Load(tmp_path, process=100)
    assert [load.look(), load.look()] == [None, None]


def test_the_real_machine_tells_shares() -> None:
    load = Load()
    load.look()
    spin = 0
    shares = None
    while shares is None:
        spin += 1
        shares = load.look() if spin % 100_000 == 0 else None
    assert 0.0 <= shares.others <= 1.0
    assert 0.0 <= shares.idle <= 1.0
