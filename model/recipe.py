"""What a training run of the emotion network is made of: its stages, each with all of its knobs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final

from model.augment import Strength
from model.network import Shape


@dataclass(frozen=True)
class Settings:
    """All knobs of a training run."""

    labels: str = "ferplus"
    #: Leave photographs of the test splits among the training rows: for a figure like the published ones.
    with_twins: bool = False
    epochs: int = 62
    batch: int = 128
    learning_rate: float = 0.08
    warm_up_epochs: float = 2.0
    weight_decay: float = 5e-4
    momentum: float = 0.9
    dropout: float = 0.3
    average_steps: float = 1500.0
    #: (share of the epochs, pixels): small pictures first teach as much per step for half the price.
    growth: tuple[tuple[float, int], ...] = ((0.45, 32), (0.75, 40), (1.0, 48))
    #: Rows repeated: the rarest emotions are seen oftener than they come.
    repeats: tuple[int, ...] = (1, 3, 2, 1, 1, 1, 1, 1)
    negatives_per_epoch: int = 4500
    faces_per_epoch: int = 2500
    #: Of the mined crops that the network to begin with is sure of, one in so many is learned from.
    sure_every: int = 1
    #: Share of the batches whose faces are laid over each other, and how evenly (both parameters of a beta distribution).
    mixed_share: float = 0.0
    mix: float = 0.3
    #: How much of an emotion's target is the teachers' word, where there are teachers.
    teachers_share: float = 0.7
    #: What FER2013's own label counts, read off the same features beside FER+, and how much of it is its teachers' word,
    #: where it has any.
    original_weight: float = 0.0
    original_share: float = 0.6
    #: The rate stays where it is, and what the mean's normalisations meet is measured anew in the end.
    steady: bool = False
    #: The network is tied to its mirror image (``mirror.py``).
    mirrored: bool = False
    seed: int = 20
    shape: Shape = field(default_factory=Shape)
    strength: Strength = field(default_factory=Strength)


FIRST: Final = Settings()

#: Once more from trained weights: the strong disturbances need more passes than the first stage has.
AGAIN: Final = Settings(
    epochs=30,
    learning_rate=0.05,
    warm_up_epochs=0.5,
    dropout=0.2,
    growth=((0.5, 40), (1.0, 48)),
    repeats=(1,) * 8,
    negatives_per_epoch=2500,
    faces_per_epoch=1200,
    mixed_share=0.5,
    seed=25,
)

#: The second stage: full size, every row as often as it comes, disturbances at about half their strength.
POLISH: Final = Settings(
    epochs=24,
    learning_rate=0.04,
    warm_up_epochs=0.5,
    dropout=0.2,
    average_steps=1000.0,
    growth=((1.0, 48),),
    repeats=(1,) * 8,
    seed=21,
    strength=Strength(
        shift_fraction=0.03,
        scale_log=0.07,
        rotation_degrees=6.0,
        shear=0.03,
        gamma_log=0.2,
        contrast=0.18,
        brightness=15.0,
        low_resolution_share=0.18,
        low_resolution_pixels=(16, 40),
        blur_share=0.08,
        noise_share=0.12,
        noise_sigma=7.0,
        jpeg_share=0.10,
        occlusion_share=0.12,
        shadow_share=0.08,
    ),
)

#: A network with four times the work, which may disturb no device: it learns from raters alone, without mined crops.
TEACHER: Final = Settings(
    epochs=20,
    growth=((0.5, 32), (0.8, 40), (1.0, 48)),
    average_steps=800.0,
    seed=22,
    shape=Shape(stem_channels=32, stages=((64, 1), (128, 2), (192, 2))),
)
TEACHER_POLISH: Final = replace(POLISH, epochs=6, average_steps=500.0, seed=24, shape=TEACHER.shape)

#: The last stage: the network that ships learns from its teachers as well, from the polished one's weights on.
#: Faces that nobody labelled come oftener: now somebody has a word on them.
PUPIL: Final = replace(POLISH, epochs=14, seed=23, dropout=0.1, negatives_per_epoch=3500, faces_per_epoch=5000)

#: And once more, for what is no face: its emotions stay what it said of them itself, of both mirror images.
SURER: Final = replace(
    PUPIL,
    epochs=8,
    learning_rate=0.015,
    teachers_share=0.9,
    negatives_per_epoch=6000,
    seed=97,
)

#: The network is tied to its mirror image, and walks for a while at a steady rate, taught by what it was before.
MIRROR: Final = replace(PUPIL, epochs=16, learning_rate=0.04, average_steps=800.0, steady=True, mirrored=True, seed=41)

#: It goes on with what is no face; all the weights on the way are one network in the end (Izmailov et al. 2018).
WALK: Final = replace(
    MIRROR,
    epochs=30,
    learning_rate=0.03,
    average_steps=math.inf,
    negatives_per_epoch=4500,
    faces_per_epoch=3000,
    seed=51,
)

#: And comes to rest, with FER2013's own labels as a second task.
TIED: Final = replace(
    WALK,
    epochs=22,
    average_steps=800.0,
    negatives_per_epoch=5500,
    original_weight=0.4,
    steady=False,
    seed=61,
)

#: Once more with what is no face and what is barely one.
SUREST: Final = replace(
    TIED,
    epochs=26,
    negatives_per_epoch=8000,
    faces_per_epoch=4000,
    sure_every=5,
    seed=71,
)

STAGES: Final = {
    "first": FIRST,
    "again": AGAIN,
    "polish": POLISH,
    "teacher": TEACHER,
    "teacher-polish": TEACHER_POLISH,
    "pupil": PUPIL,
    "surer": SURER,
    "mirror": MIRROR,
    "walk": WALK,
    "tied": TIED,
    "surest": SUREST,
}
