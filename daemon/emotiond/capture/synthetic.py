"""A scene made by rule: real faces that move over a quiet background, the same for everyone who runs it.

The face is scikit-image's ``data.astronaut()`` (Eileen Collins; NASA, public domain).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from emotiond.capture.source import Picture, SourceError

#: Head and shoulders' edge in the astronaut's picture: rows, columns; and the face within that cut-out.
_HEAD = (slice(0, 220), slice(110, 330))
_FACE_IN_HEAD = (63, 62, 104, 104)


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can stand behind ``synthetic:?`` in an address."""

    faces: Annotated[int, Meta(ge=0, le=300)] = 5
    width: Annotated[int, Meta(ge=16, le=7680)] = 1280
    height: Annotated[int, Meta(ge=16, le=4320)] = 720
    #: Side of a face's box.
    face_pixels: Annotated[int, Meta(ge=8, le=2000)] = 96
    #: Frames per second.
    rate: Annotated[float, Meta(gt=0, le=1000)] = 30.0
    seed: int = 1
    #: Length of the scene; 0 never ends, and is live.
    frames: Annotated[int, Meta(ge=0)] = 0


@dataclass(frozen=True)
class _Path:
    """Where one face goes: an ellipse around its seat."""

    centre_x: float
    centre_y: float
    radius_x: float
    radius_y: float
    radians_per_second: float
    phase: float
    contrast: float

    def at(self, time_seconds: float) -> tuple[float, float]:
        angle = self.phase + self.radians_per_second * time_seconds
        return self.centre_x + self.radius_x * math.cos(angle), self.centre_y + self.radius_y * math.sin(angle)


class Synthetic:
    """Faces on a grid of seats, each swaying by itself; all of it follows from the parameters."""

    still = False
    paced = False

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.live = parameters.frames == 0
        self._index = 0
        self._heads: list[NDArray[np.uint8]] = []
        self._alpha: NDArray[np.float32] | None = None
        self._background: NDArray[np.uint8] | None = None
        self._paths = _seats(parameters)

    def open(self) -> None:
        """Draw what never changes; raise ``SourceError`` where scikit-image is missing."""
        try:
            from skimage import data  # noqa: PLC0415 - an extra, not a dependency of the daemon
        except ImportError as error:
            raise SourceError("synthetic: needs scikit-image: pip install 'emotiond[synthetic]'") from error
        astronaut: NDArray[np.uint8] = data.astronaut()  # type: ignore[no-untyped-call]
        head = cv2.cvtColor(np.ascontiguousarray(astronaut[_HEAD]), cv2.COLOR_RGB2BGR)
        zoom = self.parameters.face_pixels / _FACE_IN_HEAD[2]
        side = max(2, round(head.shape[0] * zoom))
        scaled: Any = cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
        self._heads = [np.clip(scaled * path.contrast, 0, 255).astype(np.uint8) for path in self._paths]
        self._alpha = _feathered(side)
        self._background = _wall(self.parameters)
        self._index = 0

    @property
    def pictures(self) -> int:
        """How many frames the scene has."""
        return self.parameters.frames

    def read(self) -> Picture | None:
        """Draw the next frame."""
        if self._background is None or self._alpha is None:
            raise SourceError("synthetic: not open")
        if not self.live and self._index >= self.parameters.frames:
            return None
        time_seconds = self._index / self.parameters.rate
        self._index += 1
        canvas = self._background.copy()
        for path, head in zip(self._paths, self._heads, strict=True):
            _paste(canvas, head, self._alpha, *path.at(time_seconds))
        return Picture(canvas, time_seconds, "synthetic:")

    def close(self) -> None:
        """Forget the drawings."""
        self._background = None

    def truth(self, time_seconds: float) -> NDArray[np.float32]:
        """Return the true face boxes, f32 (faces, 4): x, y, width, height in pixels."""
        side = float(self.parameters.face_pixels)
        boxes = [(x - side / 2, y - side / 2, side, side) for x, y in (path.at(time_seconds) for path in self._paths)]
        return np.array(boxes, np.float32).reshape(-1, 4)


def _seats(parameters: Parameters) -> list[_Path]:
    rng = np.random.default_rng(parameters.seed)
    columns = max(1, math.ceil(math.sqrt(parameters.faces * parameters.width / parameters.height)))
    rows = max(1, math.ceil(parameters.faces / columns))
    cell_x, cell_y = parameters.width / columns, parameters.height / rows
    sway = 0.12
    return [
        _Path(
            centre_x=(index % columns + 0.5) * cell_x,
            centre_y=(index // columns + 0.5) * cell_y,
            radius_x=sway * cell_x * rng.uniform(0.3, 1.0),
            radius_y=sway * cell_y * rng.uniform(0.3, 1.0),
            radians_per_second=rng.uniform(0.4, 1.6) * rng.choice((-1, 1)),
            phase=rng.uniform(0.0, 2.0 * math.pi),
            contrast=rng.uniform(0.75, 1.1),
        )
        for index in range(parameters.faces)
    ]


def _feathered(side: int) -> NDArray[np.float32]:
    # An ellipse around the head that fades into the wall.
    y, x = np.mgrid[-1.0 : 1.0 : side * 1j, -1.0 : 1.0 : side * 1j]
    radius = np.sqrt((x / 0.95) ** 2 + (y / 1.0) ** 2)
    alpha: NDArray[np.float32] = np.clip((1.0 - radius) / 0.15, 0.0, 1.0).astype(np.float32)[:, :, None]
    return alpha


def _wall(parameters: Parameters) -> NDArray[np.uint8]:
    down = np.linspace(150, 110, parameters.height, dtype=np.float32)[:, None, None]
    across = np.linspace(-12, 12, parameters.width, dtype=np.float32)[None, :, None]
    tint = np.array([4.0, 0.0, -6.0], np.float32)
    wall: NDArray[np.uint8] = (down + across + tint).astype(np.uint8)
    return np.ascontiguousarray(wall)


def _paste(
    canvas: NDArray[np.uint8], head: NDArray[np.uint8], alpha: NDArray[np.float32], centre_x: float, centre_y: float
) -> None:
    # The face's middle, not the cut-out's, comes to rest at the given point.
    zoom = head.shape[0] / (_HEAD[0].stop - _HEAD[0].start)
    left = round(centre_x - (_FACE_IN_HEAD[0] + _FACE_IN_HEAD[2] / 2) * zoom)
    top = round(centre_y - (_FACE_IN_HEAD[1] + _FACE_IN_HEAD[3] / 2) * zoom)
    height, width = canvas.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + head.shape[1], width), min(top + head.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    under = canvas[y0:y1, x0:x1]
    mixed = under + alpha[part] * (head[part].astype(np.float32) - under)
    canvas[y0:y1, x0:x1] = mixed.astype(np.uint8)
