"""A tied network reads a face and its reflection alike, in training as well."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(
        importlib.util.find_spec("torch") is None, reason="needs the extra `train` (PyTorch): make test-train"
    ),
    # PyTorch warns about its own insides.
    pytest.mark.filterwarnings("ignore"),
]


def test_a_tied_network_reads_reflections_alike_and_can_be_tied_again() -> None:
    import torch

    from model.mirror import partners_in, tie
    from model.network import Shape
    from model.torch_network import TorchNetwork

    torch.manual_seed(5)
    network = TorchNetwork(Shape(8, ((16, 1), (24, 3)))).eval()
    faces = torch.rand(40, 1, 48, 48)
    partners = partners_in(network, faces)
    # Any pairs will do: in a network that has learned nothing those found are chance.
    for name, channels in partners.items():
        assert torch.equal(channels[channels], torch.arange(len(channels))), name
    assert torch.equal(partners["1.out"], partners["3.out"]), "blocks that add up share their channels"

    def apart() -> float:
        with torch.no_grad():
            return float((network(faces) - network(faces.flip(3))).abs().max())

    before = apart()
    tie(network, partners)
    assert apart() < 1e-5 < before
    # Tied once more by what it shows now, it stays what it is: those who partner anew are dead on these faces.
    with torch.no_grad():
        said = network(faces)
        tie(network, partners_in(network, faces))
        torch.testing.assert_close(network(faces), said)


def test_training_keeps_a_network_tied_and_the_mean_of_a_walk_too(tmp_path: Path) -> None:
    import torch

    from model import train
    from model.torch_network import network_from

    rng = np.random.default_rng(6)
    rows = 200
    votes = np.zeros((rows, 10), np.uint8)
    votes[np.arange(rows), rng.integers(0, 7, rows)] = 10
    np.savez(
        tmp_path / "fer2013.npz",
        pixels=rng.integers(0, 256, (rows, 48, 48), np.uint8),
        emotion=np.zeros(rows, np.uint8),
        usage=np.repeat([0, 1, 2], [160, 20, 20]).astype(np.uint8),
        ferplus=votes,
    )
    settings = train.Settings(epochs=1, batch=32, growth=((1.0, 48),), mirrored=True, steady=True)
    train.train(settings, tmp_path, tmp_path / "run", None)
    network = network_from(tmp_path / "run" / "weights.pt")
    faces = torch.rand(10, 1, 48, 48)
    with torch.no_grad():
        torch.testing.assert_close(network(faces), network(faces.flip(3)), atol=1e-4, rtol=1e-4)
