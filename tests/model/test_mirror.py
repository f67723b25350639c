"""A tied network reads a face and its reflection alike; `test_train.py` says that training keeps it so."""

import pytest

from tests.model.extra import needs

pytestmark = [pytest.mark.train, *needs("torch")]


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
