"""What is wrong with the detector's boxes on a clip: ``python -m model.faults CLIP [--every K] [--gap S]``.

A face that is followed from its first detection to its last was missed wherever it was not found in between; a gap of
more than ``--gap`` seconds counts as an occlusion. Jitter is what a box's place and size differ by from the middle of
those before and after it. What comes and goes within half a second counts as a false face. ``emotiond bench --mood``
has these figures as its defaults; ``synthetic:`` has a known truth, to which jitter is measured there.
"""

from __future__ import annotations

import argparse
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotiond import parts
from emotiond.capture.synthetic import Parameters, Synthetic
from emotiond.config import Config
from emotiond.records import Frame
from model import command
from model.followed import Sight, Stretch, link, watched

Floats = NDArray[np.float64]

#: A face counts that could be followed for so long and was found as often,
FOLLOWED_SECONDS: Final = 1.0
FOLLOWED_SIGHTS: Final = 3
#: and what could not be followed for so long is none.
STRAY_SECONDS: Final = 0.5
#: What the middle of two noisy neighbours adds to a box's own jitter.
NEIGHBOURS: Final = np.sqrt(1.5)


def runs(states: list[NDArray[np.bool_]]) -> tuple[float, float]:
    """Return the share of the true among all of ``states``, and how long they last on average."""
    everything = np.concatenate([np.append(state, False) for state in states])
    begun = int((everything & ~np.append(False, everything[:-1])).sum())
    return float(everything.sum()) / sum(map(len, states)), float(everything.sum()) / max(begun, 1)


def jitter(faces: list[list[Sight]]) -> tuple[float, float]:
    """Return the standard deviations of the centre, in sides, and of the logarithm of the side."""
    away, grown = [], []
    for face in faces:
        for before, now, after in zip(face, face[1:], face[2:], strict=False):
            if after.look - before.look == 2:
                middle = (before.centre() + after.centre()) / 2.0
                away.append((now.centre() - middle) / now.face.box.width)
                grown.append(np.log(now.face.box.width**2 / before.face.box.width / after.face.box.width) / 2.0)
    return float(np.std(away) / NEIGHBOURS), float(np.std(grown) / NEIGHBOURS)


def on_clip(stretch: Stretch, every_frames: int, gap_seconds: float) -> list[str]:
    """Measure a clip."""
    detector = parts.detector(Config())
    looks, step = watched(stretch, every_frames, detector)
    faces = link(looks, max(1, round(gap_seconds / step)))
    followed, strays = told_apart(faces, step, sure_score=detector.sure_score, last_look=len(looks) - 1)
    missed, weak = [], []
    for face in followed:
        found = np.zeros(face[-1].look - face[0].look + 1, np.bool_)
        found[[sight.look - face[0].look for sight in face]] = True
        missed.append(~found)
        weak.append(np.array([sight.face.score < detector.sure_score for sight in face]))
    (miss_share, miss_looks), (weak_share, weak_looks) = runs(missed), runs(weak)
    centre, size = jitter(followed)
    surely = [len(face) for face in strays if _best(face) >= detector.sure_score]
    return [
        f"{stretch.path.name}: {len(looks)} looks, one in {step:.2f} s; {len(followed)} faces followed",
        f"missed: {miss_share:.1%} of the looks, for {miss_looks * step:.2f} s",
        f"weak: {weak_share:.1%} of the detections, for {weak_looks * step:.2f} s",
        f"jitter: centre {centre:.4f} of a side, size {size:.4f}",
        f"false faces per look: {len(surely) / len(looks):.3f}, found {sum(surely) / max(len(surely), 1):.1f} times",
        f"false faces that are weak alone, per look: {(len(strays) - len(surely)) / len(looks):.3f}",
    ]


def _best(face: list[Sight]) -> float:
    return max(sight.face.score for sight in face)


def told_apart(
    faces: list[list[Sight]], step_seconds: float, *, sure_score: float, last_look: int
) -> tuple[list[list[Sight]], list[list[Sight]]]:
    """Return the faces that were followed, and what is no face.

    What was there when the clip began or ended may have been there for longer: nobody can tell.
    """
    followed, strays = [], []
    for face in faces:
        lasted = (face[-1].look - face[0].look) * step_seconds
        if lasted >= FOLLOWED_SECONDS and len(face) >= FOLLOWED_SIGHTS and _best(face) >= sure_score:
            followed.append(face)
        elif lasted < STRAY_SECONDS and face[0].look > 0 and face[-1].look < last_look:
            strays.append(face)
    return followed, strays


def on_synthetic() -> list[str]:
    """Measure the generated scene, whose truth is known."""
    detector, source = parts.detector(Config()), Synthetic(Parameters(faces=12, face_pixels=48, frames=150))
    source.open()
    away, grown, missed = [], [], []
    while (picture := source.read()) is not None:
        found = detector.detect(Frame("clip", 0, picture.time_seconds, picture.pixels, ""))
        boxes = np.array([face.box for face in found], np.float64).reshape(-1, 4)
        for x, y, width, height in source.truth(picture.time_seconds).astype(np.float64):
            miss = (boxes[:, :2] + boxes[:, 2:] / 2.0 - (x + width / 2.0, y + height / 2.0)) / width
            near = np.hypot(*miss.T) if len(boxes) else np.ones(1)
            best = int(near.argmin())
            missed.append(near[best] > 0.5)
            if not missed[-1]:
                away.append(miss[best])
                grown.append(np.log(boxes[best, 2] / width))
    # A constant shift is a convention of boxes and no jitter.
    centre, size = float(np.std(away, axis=0).mean()), float(np.std(grown))
    return [f"synthetic scene: missed {np.mean(missed):.1%}; jitter: centre {centre:.4f} of a side, size {size:.4f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m model.faults", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("clip", type=Stretch.parse, nargs="*", help="FILE or FILE@FROM-TO; none is the generated scene")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="look at each K-th frame (default: all)")
    parser.add_argument("--gap", type=float, default=1.0, metavar="S", help="longest miss in seconds (default: 1)")
    arguments = parser.parse_args()
    for clip in arguments.clip:
        print("\n".join(on_clip(clip, arguments.every, arguments.gap)))
    if not arguments.clip:
        print("\n".join(on_synthetic()))


if __name__ == "__main__":
    command.run(main)
