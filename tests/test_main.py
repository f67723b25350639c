"""The command line explains itself, and every misuse ends with exit code 2 and no traceback."""

from __future__ import annotations

import pytest

from emotiond import __version__
from emotiond.__main__ import COMMANDS, main


def exit_code(*words):
    with pytest.raises(SystemExit) as end:
        main(list(words))
    return end.value.code


def test_the_version_is_told(capsys):
    assert exit_code("--version") == 0
    assert capsys.readouterr().out == f"emotiond {__version__}\n"


def test_the_help_names_every_command_and_the_exit_codes(capsys):
    assert exit_code("--help") == 0
    told = capsys.readouterr().out
    assert {command.name for command in COMMANDS} >= {"run", "check", "analyze", "demo"}
    assert all(command.name in told and command.help.split()[0] in told for command in COMMANDS)
    assert "exit codes: 0 done; 1 failed" in told


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself_with_examples(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert exit_code(command.name, "--help") == 0
    told = capsys.readouterr().out
    assert f"emotiond {command.name}" in told.partition("examples:")[2]
    assert max(map(len, told.splitlines())) <= 80, "a terminal over SSH"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("dance",),
        ("run", "--outlet", "pigeon"),
        ("run", "extra"),
        ("analyze", "--json", "-"),
        ("analyze", "picture.png", "--json", "-", "--min-score", "high"),
        ("demo", "--seconds", "long"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(words, capsys):
    assert exit_code(*words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "error: " in told.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("analize", "clip.mp4"), "analyze"),
        (("analyze", "clip.mp4", "--plto", "timeline.png"), "--plot"),
        (("analyze", "clip.mp4", "--plto=timeline.png"), "--plot"),
        (("run", "--outlet", "sdtout"), "stdout"),
    ],
)
def test_the_nearest_word_is_suggested(words, meant, capsys):
    assert exit_code(*words) == 2
    assert capsys.readouterr().err.endswith(f"; did you mean {meant}?\n")


def test_what_is_near_nothing_is_told_without_a_suggestion(capsys):
    assert exit_code("qqqqqq") == 2
    assert "did you mean" not in capsys.readouterr().err
