"""The readings that scenes draw from: real scores of the real network on faces that it never saw.

``readings.json`` is written by ``python -m model.readings``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from emotiond.records import EMOTIONS
from emotiond.vision.sidecar import Input, Sidecar

SHIPPED: Final = Path(__file__).parent / "readings.json"


class Table(msgspec.Struct, frozen=True):
    """What the network says of faces of each true emotion."""

    #: Where the faces came from, and the share of them that is read rightly.
    made_from: str
    accuracy: float
    #: What the sidecar said.
    unknown_below: float
    reject_above: float
    prior: tuple[float, ...]
    prior_power: float
    #: How often each emotion is the true one, (7,).
    shares: tuple[float, ...]
    #: Share of each top class (columns) for each true emotion (rows), (7, 7), over all faces.
    confusion: tuple[tuple[float, ...], ...]
    #: For each true emotion a sample of scores in percent.
    percent: dict[str, tuple[tuple[int, ...], ...]]

    def scores(self) -> NDArray[np.float32]:
        """Return the samples, f32 (7, n, 7); every row sums to one."""
        # Half a percent is what rounding may have taken away.
        table = np.array([self.percent[emotion] for emotion in EMOTIONS], np.float32) + 0.25
        scores: NDArray[np.float32] = table / table.sum(axis=2, keepdims=True)
        return scores

    def sidecar(self) -> Sidecar:
        """Return the rules that the readings were made under."""
        return Sidecar(
            schema=1,
            input=Input(height_pixels=48, width_pixels=48, channels=1, scale=1.0 / 255.0),
            labels=EMOTIONS,
            output="probabilities",
            unknown_below=self.unknown_below,
            reject_above=self.reject_above,
            prior=self.prior,
            prior_power=self.prior_power,
        )


def load_table(path: Path = SHIPPED) -> Table:
    """Read the table."""
    return msgspec.json.decode(path.read_bytes(), type=Table)
