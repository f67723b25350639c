"""What is believed of faces: what each was read as lately, and what it is usually read as.

A network has its own idea of every face: it reads one person's rest as sad for as long as he sits there. No average
takes that out, and none needs to: what tells a change is that a face is read otherwise than it usually is. So each face
has two averages of its readings, a short one and a long one. Both are exact means at first, whatever came before the
first reading has no weight, and forget in seconds, not in frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def blend(
    average: Floats, weight: Floats, scores: Floats, quality: Floats, elapsed_seconds: Floats, seconds: float
) -> None:
    """Let the averages f64 (n, 7), of ``weight`` f64 (n,), take in the readings ``scores`` f64 (n, 7), in place.

    ``quality``, f64 (n,), 0..1, is how well each was seen, ``elapsed_seconds``, f64 (n,), the time since its last
    reading, ``seconds`` how long an average remembers. A weight is 0 before the first reading and grows towards 1.
    """
    share = quality * -np.expm1(-elapsed_seconds / seconds)
    weight += share * (1.0 - weight)
    gain = np.divide(share, weight, out=np.zeros_like(share), where=weight > 0.0)
    average += gain[:, None] * (scores - average)
