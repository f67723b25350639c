"""A parser of command lines that says which word was perhaps meant."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """As argparse's, with a suggestion in the error; Python has the like from 3.14 on."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and one line, which names the nearest word where there is one."""
        wrong = re.search(r"invalid choice: '([^']*)'", message) or re.search(r"unrecognized arguments: (\S+)", message)
        near = difflib.get_close_matches(wrong[1].partition("=")[0], sorted(set(self.words())), n=1) if wrong else []
        super().error(f"{message}; did you mean {near[0]}?" if near else message)

    def words(self) -> Iterator[str]:
        """Yield every option and every fixed word, those of the sub-commands included."""
        for action in self._actions:
            yield from action.option_strings
            for choice in action.choices or ():
                yield str(choice)
            if isinstance(action.choices, dict):
                for sub in action.choices.values():
                    if isinstance(sub, Parser):
                        yield from sub.words()
