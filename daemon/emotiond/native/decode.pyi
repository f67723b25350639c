import numpy as np
from numpy.typing import NDArray

def decode_boxes(
    fine: NDArray[np.float32],
    middle: NDArray[np.float32],
    coarse: NDArray[np.float32],
    strides: tuple[int, int, int],
    out: NDArray[np.float32],
    score_above: float,
    most_overlap: float,
) -> int: ...
