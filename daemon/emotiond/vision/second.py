"""A second opinion: of a still there is one look alone, so both networks are asked whether a detection is a face.

A camera has time: a face that is missed in one frame is found in the next, and what was no face is turned away by the
readings of its track. A still has neither. So its detections carry a score that the classifier has moved: down where it
says *not a face*, and up where it sees one well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from emotiond.records import Face, Reading
from emotiond.vision.sidecar import SecondOpinion

#: Probabilities are kept this far from 0 and 1.
_LEAST: Final = 1e-6


@dataclass(frozen=True)
class Second:
    """Hears the classifier beside the detector."""

    opinion: SecondOpinion
    #: From this score on, once both were heard, a detection is a face.
    sure_score: float

    def heard(self, face: Face, reading: Reading) -> Face:
        """Return ``face`` with the score, 0..1, that it has once ``reading`` was heard; one that was not read keeps its own."""
        if reading.quality <= 0.0:
            return face
        is_face = -_log_odds(reading.not_a_face)
        against = self.opinion.against * min(is_face, 0.0)
        in_favour = self.opinion.in_favour * reading.quality * min(max(is_face, 0.0), self.opinion.most)
        return replace(face, score=1.0 / (1.0 + math.exp(-(_log_odds(face.score) + against + in_favour))))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _LEAST), 1.0 - _LEAST)
    return math.log(kept / (1.0 - kept))
