"""Whether the camera has moved and not the faces: then all of them have moved alike."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotiond.vision.motion import Motion
from emotiond.vision.state import Floats

#: A common shift below this share of a face is not worth a second look.
SMALLEST: Final = 0.12
#: Shifts are looked for up to this many faces,
LARGEST: Final = 2.0
#: and count as the same within this share of one.
AGREEMENT: Final = 0.2
#: Faces that must agree before the camera is said to have moved.
WITNESSES: Final = 3
#: A track that was not found for longer than this is no witness.
LATELY_SECONDS: Final = 0.3


class Shift(NamedTuple):
    """How the camera has moved all faces."""

    #: f64 (2,) pixels from where they were expected.
    by: Floats
    #: What they expected of it already, f64 (2,) pixels per second: a speed that most faces have is the camera's. Left to
    #: them it would grow, each frame's shift taking out what it is wrong by, and whoever is out of sight would be lost.
    drift: Floats


def shift(motion: Motion, boxes: Floats, chosen: NDArray[np.int64]) -> Shift | None:
    """Return how the camera's move has shifted all faces, None where it has not moved.

    ``chosen``, i64 (n,), pairs tracks with ``boxes``, f64 (m, 4), as they are expected without any such move; where
    most find no pair, the shift is the one that most of them agree on.
    """
    lately = motion.unseen_seconds() < LATELY_SECONDS + motion.step_seconds
    if len(boxes) < WITNESSES or np.count_nonzero(lately) < WITNESSES:
        return None
    by = _common(motion, boxes, chosen, lately)
    return None if by is None else Shift(by, np.median(motion.speeds()[0][lately], axis=0))


def _common(motion: Motion, boxes: Floats, chosen: NDArray[np.int64], lately: NDArray[np.bool_]) -> Floats | None:
    found = boxes[:, :2] + boxes[:, 2:] / 2.0
    paired = np.flatnonzero(chosen >= 0)
    if 2 * len(paired) < min(int(lately.sum()), len(boxes)):
        moved = found[None, :, :] - motion.centres()[lately][:, None, :]
        return _vote(moved, float(np.median(boxes[:, 2])))
    if len(paired) < WITNESSES:
        return None
    missed = found[chosen[paired]] - motion.centres()[paired]
    least = SMALLEST * float(boxes[:, 2].sum()) / len(boxes)
    # A mean is cheap, and in most frames says enough.
    if float(np.abs(missed.sum(axis=0)).max()) < 0.5 * least * len(paired):
        return None
    common: Floats = np.median(missed, axis=0)
    reach = float(np.abs(common).max())
    if reach < least:
        return None
    spread = float(np.median(np.abs(missed - common).max(axis=1)))
    return common if spread < 0.5 * reach else None


def _vote(moved: Floats, side: float) -> Floats | None:
    """Return the shift among f64 (n, m, 2) that most of the n tracks could have made; None without a majority."""
    near = np.abs(moved).max(axis=2) < LARGEST * side
    track, box = np.nonzero(near)
    if not len(track):
        return None
    shifts = moved[track, box]
    alike = np.abs(shifts[:, None, :] - shifts[None, :, :]).max(axis=2) < AGREEMENT * side
    votes = alike.sum(axis=1)
    best = int(votes.argmax())
    voters = np.unique(track[alike[best]])
    if len(voters) < max(WITNESSES, min(moved.shape[:2]) // 2):
        return None
    common: Floats = np.median(shifts[alike[best]], axis=0)
    return common
