"""A command that was given something wrong says so in one line, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "chain --data {empty} --json -": "{empty}: has neither fer2013.npz nor the pair fer2013.csv and fer2013new.csv",
    "evaluate --crops {other} --json -": "{other}: needs arrays `pixels` u8 (n, h, w) and `label` u8 (n,) (",
    "readings --data {empty}": "{empty}: has neither fer2013.npz nor the pair fer2013.csv and fer2013new.csv",
    "calibrate --plain --tflite {none}": "{none}: not there; a sidecar is written beside its network",
    "mine --data {empty} --taught {empty} --out {none}": "{empty}: holds none of faces_cmu_mit_dev.npz, ",
    "detector.calibrate --data {empty} --tflite {none}": "{none}: not there; a sidecar is written beside its network",
    "evaluate_detector --data {empty} --json -": "{empty}: holds none of heads_web.npz, ",
    "faults {none}": "{none}: cannot be read: ",
    "known {none}": "{none}: cannot be run: ",
    "speed {other}": "{other}: not a TFLite file (",
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_a_wrong_file_gets_one_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    paths = {name: str(tmp_path / name) for name in ("empty", "other", "none")}
    with Path(paths["other"]).open("wb") as file:
        np.savez(file, numbers=np.arange(3))
    before = sorted(tmp_path.rglob("*"))
    words = [sys.executable, "-m", *f"model.{command}".format(**paths).split()]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    last = answer.stderr.splitlines()[-1]
    assert last.startswith(f"{words[2]}: {COMMANDS[command].format(**paths)}")
    assert sorted(tmp_path.rglob("*")) == before


def test_our_own_mistake_keeps_its_traceback() -> None:
    script = "from model import command; command.run(lambda: 1 / 0)"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert answer.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"
