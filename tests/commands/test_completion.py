"""`emotiond completion` prints scripts that real shells load and complete with."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from emotiond.__main__ import COMMANDS, main
from emotiond.commands.completion import SHELLS


@pytest.fixture
def script(capsys, tmp_path):
    def write(shell):
        assert main(["completion", shell]) == 0
        path = tmp_path / f"emotiond.{shell}"
        path.write_text(capsys.readouterr().out)
        return path

    return write


def run(shell, *words):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} (apt: {shell})")
    done = subprocess.run([shell, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_bash_completes_commands_options_and_fixed_words(script):
    path = script("bash")

    def complete(*words):
        line = " ".join(f"'{word}'" for word in words)
        program = f"source {path}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_emotiond; "
        return run("bash", "-c", program + 'printf "%s\\n" "${COMPREPLY[@]}"')

    assert set(complete("emotiond", "re")) == {"record", "report"}
    assert complete("emotiond", "analyze", "--pl") == ["--plot"]
    assert set(complete("emotiond", "run", "--outlet", "")) >= {"mqtt", "stdout"}


def test_fish_completes_commands_and_options(script):
    path = script("fish")
    told = run("fish", "--no-config", "-c", f"source {path}; complete -C 'emotiond re'")
    assert {"record", "report"} <= set(told)
    assert "--plot" in run("fish", "--no-config", "-c", f"source {path}; complete -C 'emotiond analyze --pl'")


@pytest.fixture
def zsh(script, terminal, tmp_path):
    """A zsh that somebody has set up as the help says, ready for keys."""
    if shutil.which("zsh") is None:
        pytest.skip("no zsh (apt: zsh)")
    path = script("zsh")
    assert path.read_text().startswith("#compdef emotiond")
    functions = tmp_path / "functions"
    functions.mkdir()
    path.rename(functions / "_emotiond")
    setup = f"PROMPT='ready> '\nfpath=({functions} $fpath)\nautoload -U compinit && compinit -D -u\n"
    (tmp_path / ".zshrc").write_text(setup)
    (tmp_path / "lesson.mp4").touch()
    terminal.run("env", f"ZDOTDIR={tmp_path}", "sh", "-c", f"cd {tmp_path} && exec zsh -d -i")
    terminal.wait_for(lambda lines: "ready>" in lines[0])
    return terminal


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("emotiond ana", "emotiond analyze"),
        ("emotiond analyze --pl", "emotiond analyze --plot"),
        ("emotiond analyze les", "emotiond analyze lesson.mp4"),
        ("emotiond completion z", "emotiond completion zsh"),
    ],
)
def test_zsh_completes_what_is_typed(zsh, typed, becomes):
    zsh.press(typed, "Tab")
    zsh.wait_for(lambda lines: lines[0].rstrip() == f"ready> {becomes}")


def test_zsh_shows_what_a_word_may_become(zsh):
    zsh.press("emotiond re", "Tab")
    lines = zsh.wait_for(lambda lines: any(line.startswith("report") for line in lines))
    assert any(line.startswith("record") for line in lines)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_every_script(script, shell):
    words = script(shell).read_text()
    assert all(command.name in words for command in COMMANDS)
