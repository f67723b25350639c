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


def test_zsh_takes_the_script_for_a_completion_of_emotiond(script):
    path = script("zsh")
    assert path.read_text().startswith("#compdef emotiond")
    program = f"autoload -U compinit && compinit -D -u; source {path}; print -l ${{(k)functions[(I)_shtab_emotiond*]}}"
    functions = run("zsh", "-f", "-c", program)
    assert "_shtab_emotiond" in functions


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_every_script(script, shell):
    words = script(shell).read_text()
    assert all(command.name in words for command in COMMANDS)
