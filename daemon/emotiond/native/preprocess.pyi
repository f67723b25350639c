import numpy as np
from numpy.typing import NDArray

def crop_faces(
    frame: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    out: NDArray[np.float32],
    scale: float,
    offset: float,
    nv12: bool = False,
) -> None: ...
