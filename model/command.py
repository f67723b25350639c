"""How every command of this folder ends where something that it was given is wrong: in one line, with exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from emotiond.capture.source import SourceError
from emotiond.vision.runtime import RuntimeMissingError
from emotiond.vision.sidecar import ModelError
from model.dataset import DatasetError

#: What is wrong with files or with the machine. All else is our mistake, and keeps its traceback.
_THEIRS: Final = (DatasetError, ModelError, OSError, RuntimeMissingError, SourceError)


def run(main: Callable[[], None]) -> None:
    """Run the command whose module is being executed."""
    try:
        main()
    except _THEIRS as error:
        module = sys.modules["__main__"].__spec__
        sys.exit(f"{module.name if module else sys.argv[0]}: {error}")
