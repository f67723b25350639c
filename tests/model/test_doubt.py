"""Of what a network is sure of few crops stay, of what it doubts all."""

import numpy as np
import pytest

from tests.model.extra import needs

pytestmark = [pytest.mark.train, *needs("torch")]


def test_all_that_is_in_doubt_stays_and_every_fifth_of_the_rest() -> None:
    import torch

    from model.doubt import in_doubt
    from model.network import Shape
    from model.rows import FACE_ONLY, LABELLED, NOT_A_FACE, Rows
    from model.torch_network import TorchNetwork

    # Whatever it sees, this network is sure that it is no face.
    network = TorchNetwork(Shape(8, ((16, 1), (24, 1))))
    with torch.no_grad():
        network.logits.weight.zero_()
        network.logits.bias.zero_()
        network.logits.bias[NOT_A_FACE] = 9.0
    kind = np.array([LABELLED] * 20 + [FACE_ONLY] * 3, np.uint8)
    nothing = np.zeros((23, 8), np.float32)
    rows = Rows(np.zeros((23, 64, 64), np.uint8), nothing, np.arange(23, dtype=np.float32), kind, nothing)

    assert in_doubt(rows, network, 1) is rows
    assert in_doubt(rows, network, 5).weight.tolist() == [0, 5, 10, 15, 20, 21, 22]
