"""The names and orders of the label sets that the data speaks."""

from __future__ import annotations

from typing import Final

#: The seven emotions in FER2013's own order, and the eighth output that turns a false detection away.
EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
NOT_A_FACE: Final = "not_a_face"
OUTPUTS: Final = (*EMOTIONS, NOT_A_FACE)

#: The ten columns of ``fer2013new.csv`` (Barsoum et al. 2016).
FERPLUS_COLUMNS: Final = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
#: For each of ``OUTPUTS``, the FER+ column that votes for it.
FERPLUS_COLUMN_OF_OUTPUT: Final = (4, 5, 6, 1, 3, 2, 0, 9)
CONTEMPT_COLUMN: Final = 7
