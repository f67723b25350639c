"""Mutated pictures never crash a decoder: each is either a picture or refused in one line."""

from __future__ import annotations

import os
import random

import cv2
import numpy as np
import pytest

from emotiond.capture.jpeg import JpegError, decoded
from emotiond.capture.pictures import still_of
from emotiond.capture.source import PictureError
from tests.capture.webcam import jpeg

COUNT = 10_000 if os.environ.get("EMOTIOND_LONG") else 300


def mutated(code, dice):
    """Flip, cut out, double or overwrite a few stretches of bytes."""
    code = bytearray(code)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(code))
        length = dice.choice((1, 1, 2, 4, 16, 200))
        kind = dice.randrange(4)
        if kind == 0:
            code[place] ^= 1 << dice.randrange(8)
        elif kind == 1 and len(code) > length + 2:
            del code[place : place + length]
        elif kind == 2:
            code[place:place] = code[place : place + length]
        else:
            code[place : place + length] = dice.randbytes(len(code[place : place + length]))
    return bytes(code[: dice.randrange(1, len(code) + 1)] if dice.random() < 0.2 else code)


@pytest.mark.parametrize("color", [False, True])
def test_mutated_pictures_of_cameras_are_decoded_or_refused(color):
    dice = random.Random(7 + color)
    refused = 0
    for number in range(COUNT // 2):
        try:
            pixels = decoded(mutated(jpeg(number % 100), dice), color=color)
        except JpegError as error:
            refused += len(str(error).splitlines())
        else:
            assert pixels.ndim == 3
            assert pixels.shape[2] == (3 if color else 1)
            assert pixels.dtype == np.uint8
    assert COUNT // 8 < refused <= COUNT // 2


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".webp", ".tiff", ".pgm"])
def test_mutated_stills_are_decoded_or_refused(suffix):
    dice = random.Random(suffix)
    code = cv2.imencode(suffix, np.random.default_rng(1).integers(0, 256, (24, 32), np.uint8))[1].tobytes()
    lines = {1}
    for _ in range(COUNT // 20):
        try:
            pixels = still_of(mutated(code, dice), "still")
        except PictureError as error:
            lines |= {len(str(error).splitlines())}
        else:
            assert pixels.shape[2] == 3
    assert lines == {1}
