import numpy as np
from numpy.typing import NDArray

def assign(cost: NDArray[np.float64], out: NDArray[np.int64], limit: float) -> None: ...
