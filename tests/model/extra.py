"""What the tests of training ask for beside the mark ``train``."""

import importlib.util

import pytest


def needs(*packages: str) -> list[pytest.MarkDecorator]:
    """Skip where one of the extra's packages is missing; what they warn about their own insides is left out."""
    missing = any(importlib.util.find_spec(package) is None for package in packages)
    reason = f"needs the extra `train` ({' and '.join(packages)}): make test-train"
    return [pytest.mark.skipif(missing, reason=reason), pytest.mark.filterwarnings("ignore")]
