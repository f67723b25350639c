"""The TFLite runtime: the only file that imports one.

``ai-edge-litert`` and ``tflite-runtime`` are the same runtime under its present and its former name, and both give
the same ``Interpreter``.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

#: Name in the configuration, module that holds ``Interpreter``, package to install; in the order of preference.
_RUNTIMES: Final = (
    ("litert", "ai_edge_litert.interpreter", "ai-edge-litert"),
    ("tflite-runtime", "tflite_runtime.interpreter", "tflite-runtime"),
)


class RuntimeMissingError(Exception):
    """No TFLite runtime of the wished kind is installed; the message says which to install."""


def load_runtime(wish: str) -> tuple[str, Any]:
    """Return (name, ``Interpreter`` class) of the runtime: ``auto``, ``litert`` or ``tflite-runtime``."""
    wanted = [entry for entry in _RUNTIMES if wish in ("auto", entry[0])]
    for name, module, _ in wanted:
        try:
            return name, importlib.import_module(module).Interpreter
        except ModuleNotFoundError:
            continue
    packages = " or ".join(package for _, _, package in wanted)
    raise RuntimeMissingError(f"[inference] runtime: {wish}: not installed: pip install {packages}")
