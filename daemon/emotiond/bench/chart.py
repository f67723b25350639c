"""The picture: frames per second and latency over the number of faces."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from emotiond.bench.speed import Report


class ChartError(Exception):
    """The picture cannot be drawn; the message is one line with the remedy."""


def figures() -> Any:
    """Return the module that draws; raise ``ChartError`` where it is not installed."""
    try:
        return importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise ChartError("--plot: needs matplotlib: pip install 'emotiond[bench]'") from error


def draw(report: Report, path: Path) -> None:
    """Write the picture of a report as PNG or SVG; raise ``ChartError`` where that cannot be."""
    figure = figures().Figure(figsize=(9.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    crowds = [line for line in report.lines if not line.empty]
    sizes = sorted({line.size for line in crowds}, key=lambda size: size[0] * size[1])
    for width, height in sizes:
        lines = sorted((line for line in crowds if line.size == (width, height)), key=lambda line: line.faces)
        faces = [line.faces for line in lines]
        left.plot(faces, [line.rush.frames_per_second for line in lines], marker="o", label=f"{width}x{height}")
        seen = [(line.faces, line.live.latency_p99_milliseconds) for line in lines if line.live is not None]
        if seen:
            right.plot(*zip(*seen, strict=True), marker="o", label=f"{width}x{height}")
    left.set(xlabel="faces", ylabel="frames per second, as fast as it can", ylim=(0.0, None))
    right.set(xlabel="faces", ylabel="capture to acknowledgement, p99, ms", ylim=(0.0, None))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    figure.suptitle(str(report.machine["processor"]))
    try:
        figure.savefig(path, dpi=130)
    except (OSError, ValueError) as error:
        raise ChartError(f"--plot: {path}: cannot be written: {error}") from error
