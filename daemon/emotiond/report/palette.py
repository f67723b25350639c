"""A colour and a hatch for each emotion: told apart by the colour-blind, and in black and white by the hatch.

The colours are those of Okabe and Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from emotiond.records import EMOTIONS, UNKNOWN


class Ink(NamedTuple):
    """How one emotion is drawn."""

    #: ``#RRGGBB``.
    colour: str
    #: In matplotlib's letters.
    hatch: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as numbers from 0 to 255."""
        red, green, blue = bytes.fromhex(self.colour[1:])
        return red, green, blue

    @property
    def dark(self) -> bool:
        """Whether white words are easier to read on it than black ones."""
        red, green, blue = self.rgb
        return 0.299 * red + 0.587 * green + 0.114 * blue < 128.0


INKS: Final = {
    "angry": Ink("#D55E00", "////"),
    "disgust": Ink("#009E73", "...."),
    "fear": Ink("#CC79A7", "xxx"),
    "happy": Ink("#F0E442", ""),
    "sad": Ink("#0072B2", "\\\\\\\\"),
    "surprise": Ink("#E69F00", "||||"),
    "neutral": Ink("#BDBDBD", "---"),
    UNKNOWN: Ink("#777777", ""),
}
#: From the top of a stack to its bottom: what is most common lies at the bottom, where it is steadiest.
STACK: Final = ("neutral", "happy", "surprise", "sad", "fear", "disgust", "angry")

if set(STACK) != set(EMOTIONS):
    raise AssertionError("every emotion lies in the stack once")
