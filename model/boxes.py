"""Pictures with labelled boxes: the prepared ``.npz`` files, or the layouts in which sets are published.

Those are Pascal-VOC folders, and WIDER FACE: ``wider_face_split/*_bbx_gt.txt`` beside its folders of pictures.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.dataset import DatasetError, load_arrays


@dataclass(frozen=True)
class Labelled:
    """One picture: ``pixels`` u8 (h, w, 3) BGR; ``boxes`` f64 (n, 4) x0, y0, x1, y1 in pixels; ``labels`` of the boxes."""

    name: str
    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    labels: tuple[str, ...]


def overlaps(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of (n, 4) with (m, 4) boxes, x0, y0, x1, y1: (n, m)."""
    sides = np.minimum(first[:, None, 2:], second[None, :, 2:]) - np.maximum(first[:, None, :2], second[None, :, :2])
    shared = np.clip(sides, 0.0, None).prod(axis=2)
    areas = (first[:, 2:] - first[:, :2]).prod(axis=1)[:, None] + (second[:, 2:] - second[:, :2]).prod(axis=1)[None]
    result: NDArray[np.floating] = shared / np.maximum(areas - shared, 1e-9)
    return result


def labelled_pictures(path: Path) -> Iterator[Labelled]:
    """Yield every picture of an ``.npz`` file, of a Pascal-VOC folder or of one part of WIDER FACE, named by its list.

    Raises ``DatasetError`` where it is none of these.
    """
    if path.suffix == ".txt":
        yield from _from_wider(path)
    elif path.is_dir():
        yield from _from_voc(path)
    else:
        yield from _from_npz(path)


def _from_npz(path: Path) -> Iterator[Labelled]:
    parts = ("jpeg", "offset", "name", "box_xyxy", "box_image", "box_label")
    code, offset, names, boxes, owner, labels = load_arrays(path, parts, "not a prepared file of pictures and boxes")
    for index, name in enumerate(names):
        pixels = cv2.imdecode(code[offset[index] : offset[index + 1]], cv2.IMREAD_COLOR)
        mine = owner == index
        yield Labelled(
            str(name),
            np.asarray(pixels, np.uint8),
            boxes[mine].astype(np.float64),
            tuple(str(label) for label in labels[mine]),
        )


def _from_voc(folder: Path) -> Iterator[Labelled]:
    notes = sorted(folder.rglob("*.xml"))
    if not notes:
        raise DatasetError(f"{folder}: no Pascal-VOC annotation (*.xml) below this folder")
    pictures = {file.name: file for file in folder.rglob("*") if file.suffix.lower() in {".jpg", ".jpeg", ".png"}}
    for note in notes:
        try:
            root = ET.parse(note).getroot()  # noqa: S314 - the trainer's own files
            name = root.findtext("filename") or ""
            found = [(entry.findtext("name") or "", entry.find("bndbox")) for entry in root.iter("object")]
            sides = ("xmin", "ymin", "xmax", "ymax")
            boxes = [[float(box.findtext(side) or "") for side in sides] for _, box in found if box is not None]
        except (ET.ParseError, ValueError) as error:
            raise DatasetError(f"{note}: not a Pascal-VOC annotation ({error})") from error
        if name not in pictures:
            raise DatasetError(f"{note}: its picture {name!r} is not below {folder}")
        pixels = cv2.imread(str(pictures[name]), cv2.IMREAD_COLOR)
        if pixels is None:
            raise DatasetError(f"{pictures[name]}: not a picture that can be read")
        labels = tuple(label for label, _ in found)
        yield Labelled(name, np.asarray(pixels, np.uint8), np.array(boxes, np.float64).reshape(-1, 4), labels)


def _from_wider(listing: Path) -> Iterator[Labelled]:
    """Read a list of WIDER FACE: a picture's name, the number of its faces, and a line of each (x, y, w, h, ...)."""
    folder = listing.parent.parent
    part = listing.name.removeprefix("wider_face_").removesuffix("_bbx_gt.txt")
    pictures = folder / f"WIDER_{part}" / "images"
    lines = iter(listing.read_text().splitlines())
    for name in lines:
        try:
            count = int(next(lines))
            # A picture without faces still has one line, of zeros.
            rows = [[float(part) for part in next(lines).split()] for _ in range(max(count, 1))]
            x, y, width, height, *_ = np.array(rows).T
        except (StopIteration, ValueError) as error:
            raise DatasetError(f"{listing}: not a list of WIDER FACE, after {name!r} ({error})") from error
        pixels = cv2.imread(str(pictures / name), cv2.IMREAD_COLOR)
        if pixels is None:
            raise DatasetError(f"{pictures / name}: not a picture that can be read")
        boxes = np.column_stack([x, y, x + width, y + height])[(width > 0) & (height > 0)]
        yield Labelled(name, np.asarray(pixels, np.uint8), boxes, ("face",) * len(boxes))
