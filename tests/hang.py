"""A stage that hangs, without a line of the product changed: the interpreter itself stops where the test wants it.

Put on the path as ``sitecustomize.py``. On SIGUSR1 the main thread stops as soon as it enters the function whose qualified
name stands in the file that ``HANG`` names, for as long as that file is there.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

WHERE = Path(os.environ["HANG"])


def _arm(*_: object) -> None:
    name = WHERE.read_text(encoding="utf-8")

    def stop_there(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_qualname == name:
            sys.setprofile(None)
            while WHERE.exists():
                time.sleep(0.05)

    sys.setprofile(stop_there)


signal.signal(signal.SIGUSR1, _arm)
