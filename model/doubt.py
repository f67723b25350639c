"""Leave out most of what a network knows already: what is no face beyond doubt teaches it nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from model.augment import boxes_of
from model.rows import FACE_ONLY, NOT_A_FACE, Rows
from model.torch_network import TorchNetwork, logits_of

#: Probability of what is right from which a network is sure.
SURE: Final = 0.97


def in_doubt(rows: Rows, network: TorchNetwork, every: int) -> Rows:
    """Keep the mined crops that ``network`` is not sure of, faces or none, and one in ``every`` of the others."""
    if every == 1:
        return rows
    logits = torch.from_numpy(logits_of(network, boxes_of(rows.canvas)))
    not_a_face = torch.softmax(logits, dim=1)[:, NOT_A_FACE].numpy()
    right = np.where(rows.kind == FACE_ONLY, 1.0 - not_a_face, not_a_face)
    return rows.take(np.flatnonzero((right < SURE) | (np.arange(len(right)) % every == 0)))
