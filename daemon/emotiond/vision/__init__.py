"""From a frame's pixels to faces, tracks and readings."""
