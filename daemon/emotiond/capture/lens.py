"""What is done to every picture before anything else sees it: turned upright, mirrored, masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotiond.capture.source import Picture
from emotiond.records import PixelFormat

Pixels = NDArray[np.uint8]
#: Corners as fractions of the upright picture: x to the right, y down.
Polygon = Sequence[tuple[float, float]]
_NEUTRAL: Final = 128


class Lens:
    """How one camera hangs, and what it must not see; masked is black in every format, whoever looks."""

    def __init__(self, rotate_degrees: int = 0, masks: Sequence[Polygon] = (), *, mirror: bool = False) -> None:
        self._quarters = rotate_degrees // 90 % 4
        self._mirror = mirror
        self._masks = masks
        self._drawn: tuple[tuple[int, ...], PixelFormat] | None = None
        self._keep: Pixels = np.zeros(0, np.uint8)
        self._put: Pixels | None = None
        #: Which pixels of the upright picture are masked, (height, width); None where none are.
        self.masked: NDArray[np.bool_] | None = None

    def upright(self, picture: Picture) -> tuple[Pixels, PixelFormat]:
        """Return the pixels, and their format: YUYV on its side has no colours left and becomes gray."""
        pixels, form = picture.pixels, picture.format
        if pixels.shape[2] == 1 and form is PixelFormat.BGR:
            form = PixelFormat.GRAY
        if self._quarters or self._mirror:
            pixels, form = self._turned(pixels, form)
        if self._masks:
            self._draw(pixels.shape, form)
            pixels = np.asarray(cv2.bitwise_and(pixels, self._keep), np.uint8).reshape(pixels.shape)
            if self._put is not None:
                pixels = np.asarray(cv2.bitwise_or(pixels, self._put), np.uint8).reshape(pixels.shape)
        return pixels, form

    def _turned(self, pixels: Pixels, form: PixelFormat) -> tuple[Pixels, PixelFormat]:
        if form is PixelFormat.NV12:
            rows = pixels.shape[0] * 2 // 3
            luma = self._plane(pixels[:rows])
            chroma = self._plane(pixels[rows:].reshape(rows // 2, -1, 2))
            return np.concatenate((luma, chroma.reshape(-1, luma.shape[1], 1))), form
        if form is not PixelFormat.YUYV:
            return np.ascontiguousarray(self._plane(pixels)), form
        if self._quarters % 2:
            return np.ascontiguousarray(self._plane(pixels[:, :, :1])), PixelFormat.GRAY
        pairs = pixels.reshape(pixels.shape[0], -1, 4)
        if self._quarters == 2:
            pairs = pairs[::-1]
        if (self._quarters == 2) != self._mirror:
            # The first brightness of a pair becomes its second one.
            pairs = pairs[:, ::-1, [2, 1, 0, 3]]
        return np.ascontiguousarray(pairs).reshape(pixels.shape), form

    def _plane(self, plane: Pixels) -> Pixels:
        # Clockwise, as cameras say it; a mirror hangs in front of the upright picture.
        turned = np.rot90(plane, -self._quarters)
        return turned[:, ::-1] if self._mirror else turned

    def _draw(self, shape: tuple[int, ...], form: PixelFormat) -> None:
        if self._drawn == (shape, form):
            return
        height, width = shape[0] * 2 // 3 if form is PixelFormat.NV12 else shape[0], shape[1]
        stencil = np.zeros((height, width), np.uint8)
        for polygon in self._masks:
            corners = np.array(polygon, np.float64) * (width, height)
            # A pixel that the edge only touches is masked, too.
            cv2.fillPoly(stencil, [np.rint(corners).astype(np.int32)], 255)
        self.masked = stencil > 0
        keep = np.full(shape, 255, np.uint8)
        keep[:height, :, 0][self.masked] = 0
        put: Pixels | None = None
        if form is PixelFormat.BGR:
            keep[self.masked] = 0
        elif form is PixelFormat.NV12:
            touched = self.masked.reshape(height // 2, 2, width // 2, 2).any(axis=(1, 3)).repeat(2, axis=1)
            keep[height:, :, 0][touched] = 0
            put = np.zeros(shape, np.uint8)
            put[height:, :, 0][touched] = _NEUTRAL
        elif form is PixelFormat.YUYV:
            touched = self.masked.reshape(height, width // 2, 2).any(axis=2).repeat(2, axis=1)
            keep[:, :, 1][touched] = 0
            put = np.zeros(shape, np.uint8)
            put[:, :, 1][touched] = _NEUTRAL
        self._keep, self._put, self._drawn = keep, put, (shape, form)
