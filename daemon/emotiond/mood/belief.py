"""What is believed of faces: readings that come in one by one, weighed by what each is worth.

A misreading lasts: what fooled the network in one frame is still there in the next. Readings that follow one another
closely are therefore one piece of evidence and not many; ``error_seconds`` says how far apart two must be to count as
two. And moods change: what was believed fades with ``mood_seconds`` towards what is to be expected of any face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What a reading is worth."""

    #: How long a misreading lasts.
    error_seconds: float
    #: How long a mood lasts, as far as is known beforehand.
    mood_seconds: float
    #: Probability that a reading is simply wrong, whatever it says of itself.
    doubt: float
    #: f64 (7,): what an average face shows; a reading is evidence as far as it differs. Sums to one.
    expected: Floats


def believe(belief: Floats, scores: Floats, quality: Floats, elapsed_seconds: Floats, evidence: Evidence) -> Floats:
    """Return the beliefs f64 (n, 7) after n faces, believed f64 (n, 7), were read as ``scores`` f64 (n, 7).

    ``quality``, f64 (n,), is how well each was seen, ``elapsed_seconds``, f64 (n,), the time since its last reading.
    All rows sum to one, and stay so.
    """
    faded = np.exp(-elapsed_seconds / evidence.mood_seconds)[:, None]
    weight = quality * -np.expm1(-elapsed_seconds / evidence.error_seconds)
    # A reading says the more the further it is from what any face would be read as; doubt bounds what one can say.
    likelihood = (1.0 - evidence.doubt) * scores / evidence.expected + evidence.doubt
    updated = (belief * faded + (1.0 - faded) * evidence.expected) * likelihood ** weight[:, None]
    total: Floats = updated / updated.sum(axis=1, keepdims=True)
    return total
