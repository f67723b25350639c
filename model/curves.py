"""Draw precision over recall of every detector on every set; readable in black and white."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

from model.pictures import DOTS_PER_INCH

STYLES = {"haar": (":", "0.55"), "yunet": ("--", "0.3"), "ours": ("-", "0.0")}


def draw(sets: dict[str, dict[str, Any]], folder: Path) -> None:
    """Write ``SET-SETTING.png`` for every set of what ``python -m model.evaluate_detector`` found."""
    for name, by_setting in sets.items():
        for setting, found in by_setting.items():
            figure, axes = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
            for who, (line, shade) in STYLES.items():
                if who in found and found[who]["curve"]:
                    recall, precision, _ = zip(*found[who]["curve"], strict=True)
                    axes.plot(recall, precision, linestyle=line, color=shade, label=who)
            axes.axhline(0.9, color="0.8", linewidth=0.8)
            axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
            axes.set_title(f"{name}, {setting}: {found['pictures']} pictures, {found['boxes']} boxes", fontsize=9)
            axes.legend(loc="lower left")
            figure.savefig(folder / f"{name}-{setting}.png", dpi=DOTS_PER_INCH)
            plt.close(figure)
