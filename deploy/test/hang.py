"""A stage that hangs, without a line of the product changed: the interpreter itself stops where the test wants it.

Loaded by a `.pth` file. Whoever enters the function whose qualified name stands in ``/run/hang`` stays there.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import FrameType

WHERE = Path("/run/hang")
WATCHED = set(Path("/run/hang.watched").read_text(encoding="utf-8").split())


def _stop_there(frame: FrameType, event: str, _argument: object) -> None:
    name = frame.f_code.co_qualname
    while event == "call" and name in WATCHED and WHERE.exists() and WHERE.read_text(encoding="utf-8") == name:
        time.sleep(1.0)


threading.setprofile(_stop_there)
sys.setprofile(_stop_there)
