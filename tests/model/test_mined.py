"""The file of mined crops comes back as it was written, and another file is refused."""

import resource
from pathlib import Path

import numpy as np
import pytest

from model.dataset import DatasetError
from model.mined import BACKGROUND, HAAR_FACE, MEASURED, Mined, load_mined


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64), np.uint8)
    kind = np.array([BACKGROUND, HAAR_FACE], np.uint8)
    Mined(pixels, kind, np.full(2, MEASURED, np.uint8), np.array([20, 30.5], np.float32)).save(tmp_path / "mined.npz")
    crops = load_mined(tmp_path / "mined.npz")
    assert crops.is_face().tolist() == [False, True]
    assert (crops.split.tolist(), crops.size.tolist()) == ([MEASURED] * 2, [20.0, 30.5])
    np.testing.assert_array_equal(crops.take(crops.is_face()).boxes()[0], pixels[1, 8:56, 8:56])


def test_another_file_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "crops.npz", pixels=np.zeros((2, 48, 48), np.uint8))
    with pytest.raises(DatasetError, match=r"crops\.npz: not a file from python -m model\.mine"):
        load_mined(tmp_path / "crops.npz")
    flat = Mined(np.zeros((3, 48, 48), np.uint8), *(np.zeros(3, np.uint8),) * 2, np.zeros(3, np.float32))
    flat.save(tmp_path / "flat.npz")
    with pytest.raises(DatasetError, match=r"flat\.npz: pixels \(3, 48, 48\) of 3 crops$"):
        load_mined(tmp_path / "flat.npz")


def test_a_full_disk_leaves_no_torn_file(tmp_path: Path) -> None:
    crops = Mined(*(np.zeros(shape, np.uint8) for shape in ((2, 64, 64), 2, 2)), np.zeros(2, np.float32))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, usual[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            crops.save(tmp_path / "mined.npz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not (tmp_path / "mined.npz").exists()
