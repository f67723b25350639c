"""How far the readings of one face swing, and for how long: ``python -m model.swings --near CLIP@FROM-TO --far CLIP``.

A face that keeps one expression is not read as one emotion for ever: it talks, turns, blinks, and the detector's box
moves a little. What that does is measured on faces that are followed through a clip: the variance of the logarithms of
their scores around the face's own mean, as a share of what tells strangers of one true emotion apart in the table of
readings; and the time after which the autocorrelation has fallen to 1/e. ``emotiond bench --mood`` plays it back.

``--near`` takes stretches in which people who are well seen keep one expression, judged by eye and not by what the
network says; ``--far`` takes any clip of small faces, whose changes of expression then count as swings too.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond import parts
from emotiond.bench.swing import LEAST_SCORE, SHIPPED, deviations
from emotiond.bench.table import load_table
from emotiond.config import Config
from model import command
from model.followed import Sight, Stretch, link, watched

#: A face counts that was found in this share of the looks, and for so long.
LEAST_FOUND: Final = 0.45
LEAST_SECONDS: Final = 3.0
#: Gaps of a followed face.
LONGEST_GAP_SECONDS: Final = 2.0


def swing_of(sights: list[Sight], step_seconds: float, strangers: float) -> tuple[float, float] | None:
    """Return the share of the variance and the seconds for one face; None where its readings hardly differ."""
    rows = np.full((sights[-1].look - sights[0].look + 1, 7), np.nan)
    for sight in sights:
        if sight.scores is not None:
            log = np.log(sight.scores + LEAST_SCORE)
            rows[sight.look - sights[0].look] = log - log.mean()
    rows -= np.nanmean(rows, axis=0)
    variance = float(np.nanmean((rows**2).sum(axis=1)))
    for lag in range(1, len(rows) // 2):
        if np.nanmean((rows[lag:] * rows[:-lag]).sum(axis=1)) < variance / np.e:
            return min(variance / strangers, 1.0), lag * step_seconds
    return None


def swings(stretch: Stretch, every_frames: int, strangers: float) -> list[tuple[float, float]]:
    """Measure every face of a clip that can be followed."""
    config = Config()
    looks, step = watched(stretch, every_frames, parts.detector(config), parts.classifier(config))
    followed = [
        face
        for face in link(looks, round(LONGEST_GAP_SECONDS / step))
        if len(face) >= LEAST_FOUND * len(looks) and (face[-1].look - face[0].look) * step >= LEAST_SECONDS
    ]
    found = [(face, swing_of(face, step, strangers)) for face in followed]
    for face, swing in found:
        side = float(np.median([sight.face.box.width for sight in face]))
        print(f"{stretch.path.name}: side {side:.0f}, {len(face)} readings, share and seconds {swing}")
    return [swing for _, swing in found if swing is not None]


def strangers_variance() -> float:
    """What tells two faces of one true emotion apart: the variance around the emotion's mean, emotions as they occur."""
    table = load_table()
    away: NDArray[np.float64] = deviations(table.scores())[1]
    return float((np.array(table.shares) * (away**2).sum(axis=2).mean(axis=1)).sum() / sum(table.shares))


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m model.swings", description=__doc__.split("\n\n", 1)[0])
    for name, what in (("near", "well seen faces that keep one expression"), ("far", "small faces")):
        parser.add_argument(f"--{name}", type=Stretch.parse, action="append", required=True, metavar="CLIP", help=what)
    parser.add_argument("--every", type=int, default=1, metavar="K", help="look at each K-th frame (default: all)")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    strangers = strangers_variance()
    table = {
        name: [
            [round(share, 3), round(seconds, 2)]
            for stretch in stretches
            for share, seconds in swings(stretch, arguments.every, strangers)
        ]
        for name, stretches in (("near", arguments.near), ("far", arguments.far))
    }
    lines = [f" {json.dumps(name)}: {json.dumps(rows)}" for name, rows in table.items()]
    arguments.out.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{arguments.out}: strangers differ by a variance of {strangers:.1f}; {table}")


if __name__ == "__main__":
    command.run(main)
