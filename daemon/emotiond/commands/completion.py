"""``emotiond completion``: the script that lets a shell complete our command lines."""

from __future__ import annotations

import argparse
from typing import Final

import shtab

from emotiond.commands.command import OK, Command

SHELLS: Final = ("bash", "zsh", "fish")
#: Placeholders behind which a file stands.
FILES: Final = frozenset({"CSV", "FILE", "HTML", "OUT", "PATH", "PNG", "S"})


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="for which shell")


def _execute(arguments: argparse.Namespace) -> int:
    _mark_files(arguments.parser)
    print(shtab.complete(arguments.parser, shell=arguments.shell))
    return OK


def _mark_files(parser: argparse.ArgumentParser) -> None:
    """Let a shell offer files where an argument is one."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to look at what was added
        if action.metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        if isinstance(action.choices, dict):
            for sub in action.choices.values():
                _mark_files(sub)


COMMAND = Command(
    name="completion",
    help="print the script that completes emotiond's commands and options in a shell",
    epilog=(
        "examples:\n"
        "  emotiond completion bash > ~/.local/share/bash-completion/completions/emotiond\n"
        "  emotiond completion zsh > ~/.zfunc/_emotiond\n"
        "  emotiond completion fish > ~/.config/fish/completions/emotiond.fish\n\n"
        "zsh looks there with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc.\n"
    ),
    add_arguments=_add_arguments,
    execute=_execute,
)
