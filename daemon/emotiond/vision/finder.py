"""Finds faces with a small network on the TFLite interpreter: ours, or any that keeps the contract of docs/models.md."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotiond.native.decode import decode_boxes
from emotiond.native.shrink import shrink_luma
from emotiond.records import Face, Frame, PixelFormat
from emotiond.vision.association import overlaps
from emotiond.vision.detector import smallest_pixels
from emotiond.vision.framing import Framing, load_framing
from emotiond.vision.runtime import load_runtime
from emotiond.vision.sidecar import ModelError
from emotiond.vision.view import LARGEST_INPUT, MULTIPLE, View, ratio_for, tiles, view_of

#: Boxes of one picture at most.
MOST_FACES: Final = 1024
#: Interpreters that are kept, one for each size of input: that of the tiles, and one for all cameras whose pictures and
#: smallest faces are as large. Cameras that want more of them take turns, at the price of a new one each time.
MOST_SIZES: Final = 8
#: Tiles are this large, and share this much: pixels of the input.
TILE_PIXELS: Final = (640, 384)
TILE_SHARED: Final = 64
#: The tiles of a thorough search look for faces up to this many times the smallest that is found without them.
TILES_UP_TO: Final = 2.0
#: Tiles of pictures that are too large for one input.
LARGEST_TILE: Final = (3072, 2048)
LARGEST_SHARED: Final = 512


@dataclass(frozen=True)
class Sight:
    """One interpreter at one size of input."""

    interpreter: Any
    input: int
    #: Tensors of the maps, the finest first.
    maps: tuple[int, int, int]


class Finder:
    """One network with its sidecar; belongs to one thread.

    Detections are told down to ``weakest`` where the sidecar asks for no weaker ones; ``min_face_pixels`` 0 follows the
    height of the picture. A still is looked at in full size.
    """

    def __init__(
        self, model: Path, runtime: str, threads: int, min_face_pixels: int, weakest: float | None = None
    ) -> None:
        self.framing: Framing = load_framing(model)
        self.sure_score = self.framing.score_above
        self.seconded_score = self.framing.seconded_above
        told, asked = self.framing.weak_above, self.framing.asked_above
        self._weakest, self._weakest_still = (
            max(min(least, 1.0 if weakest is None else weakest), 1e-4) for least in (told, asked or told)
        )
        self._model = model
        self._threads = threads
        self._min_face_pixels = min_face_pixels
        self._coarser = 1
        self._name, self._interpreter_class = load_runtime(runtime)
        self._sights: OrderedDict[tuple[int, int], Sight] = OrderedDict()
        self._boxes = np.zeros((MOST_FACES, 5), np.float32)
        # A network that does not keep the contract is refused before the first frame.
        self._sight(View(1.0, 2 * MULTIPLE, MULTIPLE))

    def detect(self, frame: Frame, *, thorough: bool = False, min_face_pixels: int | None = None) -> list[Face]:
        """Return the faces, the surest first; the score is the network's own, 0..1."""
        pixels = frame.pixels[: frame.height] if frame.format is PixelFormat.NV12 else frame.pixels
        view = self.view(frame, min_face_pixels)
        weakest = self._weakest_still if frame.still else self._weakest
        if view.width * view.height > LARGEST_INPUT:
            tile = (round(LARGEST_TILE[0] * view.ratio), round(LARGEST_TILE[1] * view.ratio))
            rows = self._tiled(pixels, view.ratio, tile, round(LARGEST_SHARED * view.ratio), weakest)
        else:
            rows = self._look(pixels, view, weakest)
        if thorough and view.ratio > 1.0:
            small = self._tiled(pixels, 1.0, TILE_PIXELS, TILE_SHARED, weakest)
            up_to = TILES_UP_TO * self.reach_pixels(frame, min_face_pixels)
            rows = np.concatenate([rows, small[np.sqrt(small[:, 2] * small[:, 3]) < up_to]])
        return self.framing.square.faces(self._best(rows) if thorough or len(rows) == MOST_FACES else rows)

    def reach_pixels(self, frame: Frame, min_face_pixels: int | None = None) -> float:
        """Side of the smallest face that is found in the frame as a whole; 0 where it is seen in full size."""
        ratio = self.view(frame, min_face_pixels).ratio
        return ratio * self.framing.smallest_pixels if ratio > 1.0 else 0.0

    def view(self, frame: Frame, min_face_pixels: int | None = None) -> View:
        """Say how large ``frame`` is looked at."""
        wanted = smallest_pixels(min_face_pixels, frame.height, self._min_face_pixels)
        ratio = ratio_for(wanted, self.framing.smallest_pixels)
        return view_of(frame.width, frame.height, min(ratio, 1.0) if frame.still else ratio * self._coarser)

    def look_coarser(self, times: int) -> None:
        """See live pictures so many times smaller from now on."""
        self._coarser = times

    def _tiled(
        self, pixels: NDArray[np.uint8], ratio: float, tile: tuple[int, int], shared: int, weakest: float
    ) -> NDArray[np.float32]:
        """Look at every part of a picture; a box counts where its centre lies in the core of its tile."""
        found = [np.zeros((0, 5), np.float32)]
        view = view_of(*tile, ratio)
        for part in tiles(pixels.shape[1], pixels.shape[0], tile, shared):
            rows = self._look(pixels[part.y : part.y + part.height, part.x : part.x + part.width], view, weakest)
            rows[:, :2] += np.array([part.x, part.y], np.float32)
            centre = rows[:, :2] + rows[:, 2:4] / 2.0
            found.append(rows[(centre >= part.core[:2]).all(axis=1) & (centre < part.core[2:]).all(axis=1)])
        return np.concatenate(found)

    def _look(self, pixels: NDArray[np.uint8], view: View, weakest: float) -> NDArray[np.float32]:
        """Return the tight boxes of a picture, f32 (n, 5) in its pixels, and their scores, from ``weakest`` on."""
        sight = self._sight(view)
        # `invoke` refuses to run while a view of a tensor is alive: each lives in one call alone.
        shrink_luma(pixels, sight.interpreter.tensor(sight.input)()[0, :, :, 0], view.ratio)
        sight.interpreter.invoke()
        count = self._decode(sight, weakest)
        rows = self._boxes[:count].copy()
        rows[:, :4] *= view.ratio
        return rows

    def _decode(self, sight: Sight, weakest: float) -> int:
        fine, middle, coarse = (sight.interpreter.tensor(index)()[0] for index in sight.maps)
        framing = self.framing
        return decode_boxes(fine, middle, coarse, framing.strides, self._boxes, weakest, framing.nms_overlap)

    def _best(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Drop what a better box overlaps too much; what several looks found is found once."""
        table = rows.astype(np.float64)
        order = np.lexsort((np.arange(len(table)), -table[:, 4]))[:MOST_FACES]
        same = np.triu(overlaps(table[order, :4], table[order, :4]) > self.framing.nms_overlap, 1)
        return rows[order[~same.any(axis=0)]]

    def _sight(self, view: View) -> Sight:
        size = (view.height, view.width)
        if size in self._sights:
            self._sights.move_to_end(size)
            return self._sights[size]
        try:
            sight = self._begin(size)
        except (ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"{self._model}: not a detector that {self._name} can run: {reason}") from error
        self._sights[size] = sight
        while len(self._sights) > MOST_SIZES:
            self._sights.popitem(last=False)
        return sight

    def _begin(self, size: tuple[int, int]) -> Sight:
        interpreter = self._interpreter_class(model_path=str(self._model), num_threads=self._threads)
        reads = interpreter.get_input_details()
        if (
            len(reads) != 1
            or len(reads[0]["shape"]) != 4
            or reads[0]["shape"][3] != 1
            or reads[0]["dtype"] != np.float32
        ):
            raise ModelError(f"{self._model}: must read one float32 (1, height, width, 1)")
        interpreter.resize_tensor_input(reads[0]["index"], (1, *size, 1))
        interpreter.allocate_tensors()
        # Until the network has run, the shapes of its outputs need not be known.
        interpreter.invoke()
        wanted = [(1, size[0] // stride, size[1] // stride, 5) for stride in self.framing.strides]
        found = {
            interpreter.get_tensor(maps["index"]).shape: maps["index"] for maps in interpreter.get_output_details()
        }
        if sorted(found) != sorted(wanted):
            raise ModelError(f"{self._model}: gives {sorted(found)} for an input of {size}, and must give {wanted}")
        fine, middle, coarse = (int(found[shape]) for shape in wanted)
        return Sight(interpreter, int(reads[0]["index"]), (fine, middle, coarse))
