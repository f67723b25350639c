"""Data that a training can be tried on."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A FER2013 of 300 generated faces, whose brightness is their emotion."""
    rng = np.random.default_rng(3)
    rows = 300
    emotion = rng.integers(0, 7, rows).astype(np.uint8)
    pixels = np.clip(rng.normal(30.0 + 30.0 * emotion[:, None, None], 12.0, (rows, 48, 48)), 0, 255).astype(np.uint8)
    column_of_emotion = np.array([4, 5, 6, 1, 3, 2, 0])
    votes = np.zeros((rows, 10), np.uint8)
    votes[np.arange(rows), column_of_emotion[emotion]] = 10
    usage = np.repeat([0, 1, 2], [200, 50, 50]).astype(np.uint8)
    np.savez(tmp_path / "fer2013.npz", pixels=pixels, emotion=emotion, usage=usage, ferplus=votes)
    return tmp_path
