"""The mean of several runs' weights is a tied network again, and reads what both read."""

from pathlib import Path

import numpy as np
import pytest

from model.dataset import DatasetError
from model.mined import OUR_FACE, OUR_FALSE, TRAINED_ON, Mined
from tests.model.extra import needs

pytestmark = [pytest.mark.train, *needs("torch")]


def test_weights_are_averaged_and_their_statistics_measured_anew(data_folder: Path, tmp_path: Path) -> None:
    import torch

    from model.average import average
    from model.network import Shape
    from model.teachers import Teacher
    from model.torch_network import TorchNetwork, network_from

    networks = [TorchNetwork(Shape(8, ((16, 1), (24, 2)))) for _ in range(2)]
    paths = [tmp_path / name for name in ("a.pt", "b.pt")]
    for network, path in zip(networks, paths, strict=True):
        torch.save(network.state_dict(), path)
    faces = np.random.default_rng(2).integers(0, 256, (6, 64, 64), np.uint8)
    kind = np.array([OUR_FALSE, OUR_FACE] * 3, np.uint8)
    mined = Mined(faces, kind, np.full(6, TRAINED_ON, np.uint8), np.full(6, 20.0, np.float32))
    mined.save(tmp_path / "mined.npz")

    average(paths, data_folder, tmp_path / "mined.npz", tmp_path / "run")
    made = network_from(tmp_path / "run" / "weights.pt")
    # The bias of "not a face" has no partner: it is the plain mean.
    biases = [float(network.logits.bias[7]) for network in networks]
    assert float(made.logits.bias[7]) == pytest.approx(sum(biases) / 2, abs=1e-6)
    assert made.stem.norm.running_mean.abs().max() > 0.0, "measured: two networks that saw nothing have zeros"
    assert Teacher.load(tmp_path / "run" / "weights.pt").views == 1, "tied to its mirror image"

    torch.save(TorchNetwork(Shape(8, ((16, 1), (32, 1)))).state_dict(), paths[1])
    with pytest.raises(DatasetError, match="weights of another network"):
        average(paths, data_folder, tmp_path / "mined.npz", tmp_path / "run")
