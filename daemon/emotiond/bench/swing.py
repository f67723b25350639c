"""How the readings of one face swing while it keeps one expression, as was measured on followed faces.

``swings.json`` is written by ``python -m model.swings``.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from emotiond.bench.table import Table

Floats = NDArray[np.float64]

SHIPPED: Final = Path(__file__).parent / "swings.json"
#: Added to scores before their logarithm: what is below says nothing.
LEAST_SCORE: Final = 0.0025
#: What a face swings is taken from how far it is from the mean face of its emotion, in this part: then a reading is as
#: often right as the table says. All of it would make the readings better than they are, nothing of it worse.
GIVEN_BACK: Final = 0.7


class Swings(StrEnum):
    """Whose readings are played."""

    #: Well seen faces that keep one expression; faces of 14 to 21 pixels in a classroom, who do as they like.
    NEAR = "near"
    FAR = "far"
    #: No face has a reading of its own: each mistake is that of another stranger.
    STRANGERS = "strangers"


#: How long a stranger's reading is kept on average.
STRANGERS_SECONDS: Final = 0.3


class Measured(msgspec.Struct, frozen=True):
    """For each followed face the share of the strangers' variance, and the seconds that a swing lasts."""

    near: tuple[tuple[float, float], ...]
    far: tuple[tuple[float, float], ...]


def load_swings(path: Path = SHIPPED) -> Measured:
    """Read what was measured."""
    return msgspec.json.decode(path.read_bytes(), type=Measured)


def deviations(scores: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return the mean log scores f64 (7, 7) of f32 (7, n, 7), and how far each is from its emotion's, f64 (7, n, 7)."""
    logs = np.log(scores.astype(np.float64))
    logs -= logs.mean(axis=2, keepdims=True)
    mean = logs.mean(axis=1)
    return mean, logs - mean[:, None]


def played(
    times: Floats, emotion: NDArray[np.int64], table: Table, whose: Swings, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return readings f32 (frames, faces, 7) of faces whose true emotions are ``emotion``, i64 (frames, faces)."""
    if whose is Swings.STRANGERS:
        return _strangers(times, emotion, table, rng)
    measured = np.array(getattr(load_swings(), whose.value))
    share, seconds = measured[rng.integers(len(measured), size=emotion.shape[1])].T
    mean, away = deviations(table.scores())
    # Each emotion of each face has one typical reading, that of a real face in the table.
    own = _kept(rng.integers(away.shape[1], size=emotion.shape), _turns(emotion))
    roots = [_root(rows) for rows in away]
    swing = _wandering(times, seconds, rng)
    logs = mean[emotion] + np.sqrt(1.0 - GIVEN_BACK * share)[:, None] * away[emotion, own]
    swing *= np.sqrt(share)[:, None]
    for index, root in enumerate(roots):
        here = emotion == index
        logs[here] += swing[here] @ root.T
    parts = np.exp(logs - logs.max(axis=2, keepdims=True))
    scores: NDArray[np.float32] = (parts / parts.sum(axis=2, keepdims=True)).astype(np.float32)
    return scores


def _strangers(
    times: Floats, emotion: NDArray[np.int64], table: Table, rng: np.random.Generator
) -> NDArray[np.float32]:
    samples = table.scores()
    again = _turns(emotion) | (rng.random(emotion.shape) < 1.0 - np.exp(-(times[1] - times[0]) / STRANGERS_SECONDS))
    scores: NDArray[np.float32] = samples[emotion, _kept(rng.integers(samples.shape[1], size=emotion.shape), again)]
    return scores


def _turns(emotion: NDArray[np.int64]) -> NDArray[np.bool_]:
    turns = np.ones(emotion.shape, np.bool_)
    turns[1:] = emotion[1:] != emotion[:-1]
    return turns


def _kept(drawn: NDArray[np.int64], again: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Let each row of ``drawn`` stand until the next one that is drawn ``again``."""
    since = np.maximum.accumulate(np.where(again, np.arange(len(drawn))[:, None], 0), axis=0)
    return np.take_along_axis(drawn, since, axis=0)


def _root(rows: Floats) -> Floats:
    """Return the root of the covariance of f64 (n, 7) around zero, f64 (7, 7)."""
    _, sizes, axes = np.linalg.svd(rows, full_matrices=False)
    root: Floats = axes.T * (sizes / np.sqrt(len(rows)))
    return root


def _wandering(times: Floats, seconds: Floats, rng: np.random.Generator) -> Floats:
    """Unit noise f64 (frames, faces, 7) whose autocorrelation falls to 1/e within ``seconds``, f64 (faces,)."""
    noise = rng.normal(size=(len(times), len(seconds), 7))
    keep = np.exp(-(times[1] - times[0]) / seconds)[:, None]
    for index in range(1, len(times)):
        noise[index] = keep * noise[index - 1] + np.sqrt(1.0 - keep**2) * noise[index]
    return noise
