# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: autotestdict=False
"""Reduce the brightness of a picture to the size that a network reads, from any raw format, in one pass."""

from libc.math cimport ceil, floor
from libc.stdint cimport int64_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from taps cimport Taps

# Up to here the sum of a column of bytes fits into 16 bits.
cdef enum:
    LARGEST_WHOLE = 256

# OpenCV's weights of blue, green and red in gray, of 32768.
cdef int64_t BLUE = 3735, GREEN = 19235, RED = 9798
cdef double ONE = 32768.0


cdef inline Taps taps_of(Py_ssize_t index, double ratio, Py_ssize_t limit) noexcept nogil:
    """Weights that sum to one: the mean over what is covered when shrinking, else between two neighbours."""
    cdef Taps taps
    cdef double left = index * ratio, right = min(left + ratio, <double>limit), centre
    cdef Py_ssize_t last
    if ratio >= 1.0:
        taps.first = min(<Py_ssize_t>floor(left), limit - 1)
        # A hair's breadth of a pixel is a rounding error, not area.
        last = max(<Py_ssize_t>ceil(right - 1e-9) - 1, taps.first)
        taps.count = last - taps.first + 1
        taps.inner = <float>(1.0 / (right - left))
        taps.head = 1.0 if taps.count == 1 else <float>((taps.first + 1.0 - left) / (right - left))
        taps.tail = <float>((right - last) / (right - left))
    else:
        centre = min(max((index + 0.5) * ratio - 0.5, 0.0), limit - 1.0)
        taps.first = <Py_ssize_t>floor(centre)
        taps.tail = <float>(centre - taps.first)
        taps.head = 1.0 - taps.tail
        taps.inner = 0.0
        taps.count = 2 if taps.first + 1 < limit else 1
    return taps


cdef inline float weigh(const float* line, Taps taps, Py_ssize_t step) noexcept nogil:
    cdef const float* at = line + taps.first * step
    cdef float total = 0.0
    cdef Py_ssize_t k
    if taps.count == 1:
        return taps.head * at[0]
    for k in range(1, taps.count - 1):
        total += at[k * step]
    return taps.head * at[0] + taps.inner * total + taps.tail * at[(taps.count - 1) * step]


cdef inline void add_row(const uint8_t* row, Py_ssize_t count, uint16_t* line) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        line[x] += row[x]


cdef inline void add_weighted(const uint8_t* row, Py_ssize_t count, float weight, float* line) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        line[x] += weight * row[x]


cdef inline int64_t sum_of(
    const uint16_t* line, Py_ssize_t first, Py_ssize_t count, Py_ssize_t channels
) noexcept nogil:
    cdef int64_t total = 0, green = 0, red = 0
    cdef Py_ssize_t x
    if channels != 3:
        for x in range(first, first + count):
            total += line[x * channels]
        return total
    for x in range(first, first + count):
        total += line[3 * x]
        green += line[3 * x + 1]
        red += line[3 * x + 2]
    return BLUE * total + GREEN * green + RED * red


cdef void shrink_whole(
    const uint8_t[:, :, :] pixels, float[:, ::1] out, Py_ssize_t ratio, uint16_t* line
) noexcept nogil:
    # Rows first: the compiler turns the sums of columns into vectors, and the scattered part is done once per row.
    cdef Py_ssize_t height = pixels.shape[0], width = pixels.shape[1], channels = pixels.shape[2]
    cdef Py_ssize_t rows = (height + ratio - 1) // ratio, columns = (width + ratio - 1) // ratio, full = width // ratio
    cdef Py_ssize_t x, y, k, count
    cdef double one = 255.0 * (ONE if channels == 3 else 1.0)
    cdef float scale
    for y in range(rows):
        count = min(ratio, height - y * ratio)
        memset(line, 0, width * channels * sizeof(uint16_t))
        for k in range(count):
            add_row(&pixels[y * ratio + k, 0, 0], width * channels, line)
        scale = <float>(1.0 / (one * count * ratio))
        if ratio == 2 and channels == 1:
            for x in range(full):
                out[y, x] = <float>(line[2 * x] + line[2 * x + 1]) * scale
        else:
            for x in range(full):
                out[y, x] = <float>sum_of(line, x * ratio, ratio, channels) * scale
        if columns > full:
            scale = <float>(1.0 / (one * count * (width - full * ratio)))
            out[y, full] = <float>sum_of(line, full * ratio, width - full * ratio, channels) * scale


cdef void shrink_any(
    const uint8_t[:, :, :] pixels,
    float[:, ::1] out,
    double ratio,
    Py_ssize_t rows,
    Py_ssize_t columns,
    Taps* across,
    float* line,
) noexcept nogil:
    cdef Py_ssize_t height = pixels.shape[0], width = pixels.shape[1], channels = pixels.shape[2]
    cdef Py_ssize_t x, y, k
    cdef Taps down
    cdef float weight, scale = <float>(1.0 / 255.0)
    for x in range(columns):
        across[x] = taps_of(x, ratio, width)
    for y in range(rows):
        down = taps_of(y, ratio, height)
        for x in range(width * channels):
            line[x] = 0.0
        for k in range(down.count):
            weight = down.head if k == 0 else (down.tail if k == down.count - 1 else down.inner)
            add_weighted(&pixels[down.first + k, 0, 0], width * channels, weight * scale, line)
        for x in range(columns):
            out[y, x] = weigh(line, across[x], channels)
            if channels == 3:
                out[y, x] = <float>(
                    (
                        BLUE * out[y, x]
                        + GREEN * weigh(line + 1, across[x], 3)
                        + RED * weigh(line + 2, across[x], 3)
                    )
                    / ONE
                )


def shrink_luma(const uint8_t[:, :, :] pixels not None, float[:, ::1] out not None, double ratio):
    """Write the brightness of ``pixels`` into ``out``, 0..1, ``ratio`` source pixels to one; return (columns, rows).

    pixels: u8 (h, w, c), each row without gaps: c = 1 is gray (or the luma rows of NV12), c = 2 is YUYV, c = 3 is BGR.
    out: f32 (H, W); the picture fills its first ceil(h / ratio) rows and ceil(w / ratio) columns, and the rest becomes
    zero. From a ratio of one on each pixel is the mean over what it covers of the picture, below it lies between its
    neighbours. Raises ValueError where shapes or the ratio do not fit; then ``out`` is left as it was.
    """
    cdef Py_ssize_t height = pixels.shape[0], width = pixels.shape[1], channels = pixels.shape[2]
    cdef Py_ssize_t rows, columns, y, whole
    cdef uint16_t* sums = NULL
    cdef float* line = NULL
    cdef Taps* across = NULL
    if not 1 <= channels <= 3 or height < 1 or width < 1:
        raise ValueError(f"a picture is (height, width, 1 to 3), not ({height}, {width}, {channels})")
    if pixels.strides[2] != 1 or (width > 1 and pixels.strides[1] != channels):
        raise ValueError("the rows of a picture must have no gaps")
    if not 1e-3 <= ratio <= 1e4:
        raise ValueError(f"a ratio lies between 0.001 and 10000, which {ratio:g} does not")
    rows, columns = <Py_ssize_t>ceil(height / ratio - 1e-9), <Py_ssize_t>ceil(width / ratio - 1e-9)
    if rows > out.shape[0] or columns > out.shape[1]:
        raise ValueError(f"{columns}x{rows} pixels do not fit into {out.shape[1]}x{out.shape[0]}")
    whole = <Py_ssize_t>ratio
    if whole != ratio or whole > LARGEST_WHOLE:
        whole = 0
        across = <Taps*>malloc(columns * sizeof(Taps))
        line = <float*>malloc(width * channels * sizeof(float))
    else:
        sums = <uint16_t*>malloc(width * channels * sizeof(uint16_t))
    if (whole and sums == NULL) or (not whole and (across == NULL or line == NULL)):
        free(sums)
        free(line)
        free(across)
        raise MemoryError
    with nogil:
        if whole:
            shrink_whole(pixels, out, whole, sums)
        else:
            shrink_any(pixels, out, ratio, rows, columns, across, line)
        for y in range(rows):
            memset(&out[y, 0] + columns, 0, (out.shape[1] - columns) * sizeof(float))
        if rows < out.shape[0]:
            memset(&out[0, 0] + rows * out.shape[1], 0, (out.shape[0] - rows) * out.shape[1] * sizeof(float))
    free(sums)
    free(line)
    free(across)
    return columns, rows
