"""Tie a network to its own mirror image: a face and its reflection are read alike, and a filter learns from both.

Every channel has a partner, another one or itself, and sees in the mirror what its partner sees: a convolution's kernels
are those of the partners turned over. So half of the weights say what all of them do, as in a group-equivariant network
(Cohen & Welling 2016) of one reflection; on the device it is a network like any other. One that was trained on faces and
their reflections comes close to that by itself, so the partners are found in what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import networkx as nx
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.torch_network import Block, NormedConv, TorchNetwork

#: Faces that tell which channels are partners.
FACES: Final = 1500
#: Of each layer that has channels of its own: i64 (channels,), an involution.
Partners = dict[str, Tensor]
#: A weight, the partners of what it gives, and of what it takes.
Tie = tuple[Tensor, Tensor | None, Tensor | None]


@torch.no_grad()
def partners_in(network: TorchNetwork, faces: Tensor) -> Partners:
    """Pair the channels that are most alike on faces f32 (n, 1, s, s) and on their mirror images."""
    network.eval()
    straight, mirrored = _seen(network, faces), _seen(network, faces.flip(3))
    alike = {name: _alike(straight[name], mirrored[name].flip(3)) for name in straight}
    # Blocks that add up to one another share their channels.
    for index, block in reversed(list(enumerate(network.blocks))):
        assert isinstance(block, Block)
        if block.shortcut is None:
            alike[f"{index - 1}.out"] += alike.pop(f"{index}.out")
    partners = {name: _paired(matrix) for name, matrix in alike.items()}
    for index in range(1, len(network.blocks)):
        partners.setdefault(f"{index}.out", partners[f"{index - 1}.out"])
    return partners


@torch.no_grad()
def tie(network: TorchNetwork, partners: Partners) -> None:
    """Bring every weight and its partner's reflection to their mean.

    After each step of gradient descent this is the same as to train one of them for both: the mean is linear.
    """
    for weight, given, taken in _ties(network, partners):
        reflection = weight if given is None else weight[given]
        if taken is not None:
            reflection = reflection[:, taken]
        if weight.ndim == 4:
            reflection = reflection.flip(3)
        weight.lerp_(reflection, 0.5)


def _ties(network: TorchNetwork, partners: Partners) -> Iterator[Tie]:
    taken = partners["stem"]
    yield from _normed(network.stem, taken, None)
    for index, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        first, reduced, given = (partners[f"{index}.{part}"] for part in ("first", "reduce", "out"))
        yield from _normed(block.first, first, taken)
        yield from _normed(block.second, given, first)
        for layer, out, into in ((block.reduce, reduced, given), (block.excite, given, reduced)):
            assert layer.bias is not None
            yield layer.weight, out, into
            yield layer.bias, out, None
        if block.shortcut is not None:
            yield from _normed(block.shortcut, given, taken)
        taken = given
    yield network.logits.weight, None, taken


def _normed(part: NormedConv, given: Tensor, taken: Tensor | None) -> Iterator[Tie]:
    yield part.conv.weight, given, taken
    norm = part.norm
    for column in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
        assert column is not None
        yield column, given, None


def _seen(network: TorchNetwork, faces: Tensor) -> dict[str, Tensor]:
    """What every layer gives, f32 (n, channels, h, w)."""
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], given: Tensor) -> None:
            seen[name] = functional.relu(given)

        return hook

    layers: dict[str, nn.Module] = {"stem": network.stem}
    for index, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        layers |= {f"{index}.first": block.first, f"{index}.reduce": block.reduce, f"{index}.out": block}
    hooks = [layer.register_forward_hook(keep(name)) for name, layer in layers.items()]
    network(faces)
    for hook in hooks:
        hook.remove()
    return seen


def _alike(straight: Tensor, mirrored: Tensor) -> Tensor:
    """Correlation of every channel with every other one's reflection: f32 (channels, channels), symmetric."""
    rows = [part.transpose(0, 1).flatten(1) for part in (straight, mirrored)]
    rows = [functional.normalize(row - row.mean(dim=1, keepdim=True), dim=1) for row in rows]
    correlation = rows[0] @ rows[1].T
    return (correlation + correlation.T) / 2


def _paired(alike: Tensor) -> Tensor:
    """Choose pairs, where two are more like one another's reflection than like their own."""
    own = alike.diagonal()
    gain = 2 * alike - own[:, None] - own[None, :]
    graph = nx.Graph()
    graph.add_weighted_edges_from((i, j, float(gain[i, j])) for i, j in (gain.triu(1) > 0).nonzero().tolist())
    partner = torch.arange(len(alike))
    for i, j in nx.max_weight_matching(graph):
        partner[i], partner[j] = j, i
    return partner
