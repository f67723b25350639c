"""The configuration that is installed names no key that is gone, and what it suggests is what holds anyway."""

from __future__ import annotations

import re
from pathlib import Path

from emotiond.config import Config, load

SHIPPED = Path(__file__).parents[1] / "deploy" / "emotiond.toml"


def test_what_it_suggests_is_the_default(tmp_path: Path) -> None:
    suggested = tmp_path / "suggested.toml"
    suggested.write_text(re.sub(r"(?m)^# (?=[a-z_]+ = )", "", SHIPPED.read_text()))
    config, defaults = load(suggested), Config()
    assert (
        config.detector,
        config.pipeline,
        config.inference,
        config.mood,
        config.tracking,
        config.capture,
        config.privacy,
        config.deployment,
        config.governor,
        config.watchdog,
    ) == (
        defaults.detector,
        defaults.pipeline,
        defaults.inference,
        defaults.mood,
        defaults.tracking,
        defaults.capture,
        defaults.privacy,
        defaults.deployment,
        defaults.governor,
        defaults.watchdog,
    )
