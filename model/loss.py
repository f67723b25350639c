"""What a batch costs: the raters' word and the teachers', against what the network says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.batches import Batch
from model.recipe import Settings
from model.rows import FACE_ONLY, LABELLED, NOT_A_FACE
from model.teachers import Teacher, said_by
from model.torch_network import TorchNetwork


def mixed_loss(
    network: TorchNetwork, second: nn.Linear, batch: Batch, settings: Settings, rng: np.random.Generator
) -> Tensor:
    """Return the loss of one batch; of a share of the batches every face is laid over another, and counts for both.

    ``second`` reads FER2013's own label off the same features.
    """
    own = float(rng.beta(settings.mix, settings.mix)) if rng.random() < settings.mixed_share else 1.0
    faces = batch.faces if own == 1.0 else own * batch.faces + (1.0 - own) * batch.faces.flip(0)
    with torch.autocast("cpu", torch.bfloat16):
        features = network.features(faces)
        logits, originals = network.logits(features), second(features)

    def cost(rows: Batch) -> Tensor:
        return loss_of(logits, rows) + settings.original_weight * original_loss(originals, rows)

    return cost(batch) if own == 1.0 else own * cost(batch) + (1.0 - own) * cost(batch.flipped())


def loss_of(logits: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy against the distribution; for a face of unknown emotion, against "is a face" alone."""
    log_probability = functional.log_softmax(logits.float(), dim=1)
    labelled = -(batch.target * log_probability).sum(dim=1)
    is_face = -torch.logsumexp(log_probability[:, :NOT_A_FACE], dim=1)
    each = torch.where(batch.kind == LABELLED, labelled, is_face) * batch.weight
    return each.sum() / batch.weight.sum()


def original_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy against FER2013's own label, of the rows that have one."""
    each = -(batch.original * functional.log_softmax(logits.float(), dim=1)).sum()
    return each / batch.original.sum().clamp_min(1.0)


def heard(batch: Batch, teachers: Sequence[Teacher], originals: Sequence[Teacher], settings: Settings) -> Batch:
    """Mix into the targets what the teachers say, and what those of FER2013's own labels say, where there are any."""
    if teachers:
        batch = taught(batch, teachers, settings.teachers_share)
    if originals:
        batch = taught_original(batch, originals, settings.original_share)
    return batch


@torch.no_grad()
def taught(batch: Batch, teachers: Sequence[Teacher], share: float) -> Batch:
    """Mix what the teachers say of the same disturbed faces, and of their mirror images, into the targets' emotions.

    How much a row is a face stays the raters' word; of a face whose emotion nobody labelled only the teachers speak.
    """
    silent = batch.kind == FACE_ONLY
    is_face = torch.where(silent, 1.0, 1.0 - batch.target[:, NOT_A_FACE])[:, None]
    theirs = torch.where(silent, 1.0, share)[:, None]
    said = said_by(teachers, batch.faces)
    emotions = batch.target[:, :NOT_A_FACE] * (1.0 - theirs) + said * is_face * theirs
    target = torch.cat([emotions, 1.0 - is_face], dim=1)
    return batch._replace(target=target, kind=torch.full_like(batch.kind, LABELLED))


@torch.no_grad()
def taught_original(batch: Batch, teachers: Sequence[Teacher], share: float) -> Batch:
    """Mix what teachers of FER2013's own labels say into those labels."""
    has_one = batch.original.sum(dim=1, keepdim=True)
    said = said_by(teachers, batch.faces)
    return batch._replace(original=batch.original * (1.0 - share) + said * has_one * share)
