"""A real headless Chromium, Debian's own, driven by Playwright."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
#: It runs as root on a build machine, where it refuses its own sandbox; and it asks no host of its maker's.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
START_MILLISECONDS = 180_000


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Start it, and end it."""
    if PROGRAM is None:
        pytest.skip("no Chromium (apt: chromium-headless-shell)")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS, timeout=START_MILLISECONDS)
        try:
            yield browser
        finally:
            browser.close()
