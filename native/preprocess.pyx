# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Cut all faces of a frame out, gray them, resize them and scale them, straight into the network's input."""

from libc.math cimport ceil, floor, isnan
from libc.stdint cimport uint8_t
from libc.stdlib cimport free, malloc


cdef struct Axis:
    # How one axis of a box falls onto one axis of the output.
    double start  # first source coordinate, in pixels from the frame's edge
    double ratio  # source pixels per output pixel
    Py_ssize_t low  # first source pixel that may be read
    Py_ssize_t high  # last source pixel that may be read


cdef struct Taps:
    # The source pixels of one output pixel: `count` from `first` on; the ones between the ends weigh `inner`.
    Py_ssize_t first
    Py_ssize_t count
    float head
    float inner
    float tail


cdef inline Taps taps_of(Axis axis, Py_ssize_t index) noexcept nogil:
    """Weights that sum to one: the mean over the covered area when shrinking, else between two neighbours."""
    cdef Taps taps
    cdef double left, right, centre
    cdef Py_ssize_t last
    if axis.ratio >= 1.0:
        left = axis.start + index * axis.ratio
        right = left + axis.ratio
        taps.first = max(<Py_ssize_t>floor(left), axis.low)
        # A hair's breadth of a pixel is a rounding error, not area.
        last = min(<Py_ssize_t>ceil(right - 1e-9) - 1, axis.high)
        taps.count = last - taps.first + 1
        taps.inner = <float>(1.0 / axis.ratio)
        taps.head = <float>((min(right, taps.first + 1.0) - left) / axis.ratio)
        taps.tail = <float>((right - last) / axis.ratio)
    else:
        centre = axis.start + (index + 0.5) * axis.ratio - 0.5
        taps.first = <Py_ssize_t>floor(centre)
        taps.tail = <float>(centre - taps.first)
        taps.head = 1.0 - taps.tail
        taps.inner = 0.0
        taps.count = 2
        if taps.first < axis.low:
            taps.first, taps.count, taps.head = axis.low, 1, 1.0
        elif taps.first >= axis.high:
            taps.first, taps.count, taps.head = axis.high, 1, 1.0
    return taps


cdef inline void add_gray(const uint8_t* row, Py_ssize_t count, float weight, float* line) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        line[x] += weight * row[x]


cdef inline void add_luma(const uint8_t* row, Py_ssize_t count, float weight, float* line) noexcept nogil:
    # The integer weights are OpenCV's own for BGR to gray, so both give the same gray to the bit.
    cdef Py_ssize_t x
    cdef int gray
    for x in range(count):
        gray = (3735 * row[3 * x] + 19235 * row[3 * x + 1] + 9798 * row[3 * x + 2] + 16384) >> 15
        line[x] += weight * gray


cdef inline void add_plane(
    const uint8_t* row, Py_ssize_t count, Py_ssize_t plane, float weight, float* line
) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        line[x] += weight * row[3 * x + plane]


cdef inline float weigh(const float* line, Taps taps, Py_ssize_t origin) noexcept nogil:
    cdef const float* at = line + (taps.first - origin)
    cdef float total = 0.0
    cdef Py_ssize_t k
    if taps.count == 1:
        return taps.head * at[0]
    for k in range(1, taps.count - 1):
        total += at[k]
    return taps.head * at[0] + taps.inner * total + taps.tail * at[taps.count - 1]


cdef void crop(
    const uint8_t[:, :, ::1] frame,
    Axis across,
    Axis down,
    float[:, :, ::1] out,
    Taps* columns,
    float* line,
    float scale,
    float offset,
) noexcept nogil:
    cdef Py_ssize_t channels = frame.shape[2], planes = out.shape[2]
    cdef Py_ssize_t width = across.high - across.low + 1
    cdef Py_ssize_t x, y, k, plane
    cdef Taps rows
    cdef float weight
    cdef const uint8_t* source
    for x in range(out.shape[1]):
        columns[x] = taps_of(across, x)
    for y in range(out.shape[0]):
        rows = taps_of(down, y)
        for plane in range(planes):
            for x in range(width):
                line[x] = 0.0
            for k in range(rows.count):
                weight = rows.head if k == 0 else (rows.tail if k == rows.count - 1 else rows.inner)
                source = &frame[rows.first + k, across.low, 0]
                if channels == 1:
                    add_gray(source, width, weight, line)
                elif planes == 1:
                    add_luma(source, width, weight, line)
                else:
                    # The frame is BGR, the network reads RGB.
                    add_plane(source, width, 2 - plane, weight, line)
            for x in range(out.shape[1]):
                out[y, x, plane] = weigh(line, columns[x], across.low) * scale + offset


cdef Axis axis_of(double start, double length, Py_ssize_t limit, Py_ssize_t cells) noexcept nogil:
    # Clipped to the frame; an axis without any length left, or that is no number, keeps `high` below `low`.
    cdef Axis axis
    cdef double begin = max(start, 0.0), end = min(start + length, <double>limit)
    axis.start = begin
    axis.ratio = (end - begin) / cells
    axis.low, axis.high = 0, -1
    if begin < end and not isnan(start + length):
        axis.low = <Py_ssize_t>floor(begin)
        axis.high = <Py_ssize_t>ceil(end) - 1
    return axis


def crop_faces(
    const uint8_t[:, :, ::1] frame not None,
    const float[:, ::1] boxes not None,
    float[:, :, :, ::1] out not None,
    float scale,
    float offset,
):
    """Write every face of ``frame`` into ``out``, resized to its size, as ``pixel * scale + offset``.

    frame: u8 (h, w, 1) gray or (h, w, 3) BGR. boxes: f32 (n, 4), each x, y, width, height in pixels, clipped to
    the frame. out: f32 (m, h, w, c) with m >= n; c = 1 takes gray, c = 3 takes RGB. Each axis that shrinks takes the
    mean over the area, each that grows is interpolated between neighbours. Raises ValueError where shapes do not
    fit or a box holds no pixel of the frame; then ``out`` is left as it was.
    """
    cdef Py_ssize_t count = boxes.shape[0], i
    cdef Py_ssize_t height = frame.shape[0], width = frame.shape[1]
    cdef Axis across, down
    cdef Taps* columns
    cdef float* line
    if frame.shape[2] != 1 and frame.shape[2] != 3:
        raise ValueError(f"a frame has 1 or 3 channels, not {frame.shape[2]}")
    if out.shape[3] != 1 and out.shape[3] != 3:
        raise ValueError(f"an output has 1 or 3 channels, not {out.shape[3]}")
    if boxes.shape[1] != 4:
        raise ValueError(f"a box is x, y, width, height, not {boxes.shape[1]} numbers")
    if out.shape[0] < count:
        raise ValueError(f"{count} boxes do not fit into an output of {out.shape[0]}")
    for i in range(count):
        across = axis_of(boxes[i, 0], boxes[i, 2], width, out.shape[2])
        down = axis_of(boxes[i, 1], boxes[i, 3], height, out.shape[1])
        if across.high < across.low or down.high < down.low:
            raise ValueError(
                f"box {i} ({boxes[i, 0]:g}, {boxes[i, 1]:g}, {boxes[i, 2]:g}, {boxes[i, 3]:g}) "
                f"holds no pixel of a frame of {width}x{height}"
            )
    columns = <Taps*>malloc(out.shape[2] * sizeof(Taps))
    line = <float*>malloc(width * sizeof(float))
    if columns == NULL or line == NULL:
        free(columns)
        free(line)
        raise MemoryError
    with nogil:
        for i in range(count):
            across = axis_of(boxes[i, 0], boxes[i, 2], width, out.shape[2])
            down = axis_of(boxes[i, 1], boxes[i, 3], height, out.shape[1])
            crop(frame, across, down, out[i], columns, line, scale, offset)
    free(columns)
    free(line)
