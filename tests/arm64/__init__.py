"""The package on emulated arm64; `make test-arm64` builds what it needs and says where that is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TOP: Final = Path(__file__).resolve().parent.parent.parent
