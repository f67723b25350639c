import numpy as np
from numpy.typing import NDArray

def shrink_luma(pixels: NDArray[np.uint8], out: NDArray[np.float32], ratio: float) -> tuple[int, int]: ...
