# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""How one axis of a box falls onto one axis of an output: which source pixels, and how much each weighs."""

from libc.math cimport ceil, floor, isnan


cdef struct Axis:
    double start  # first source coordinate, in pixels from the frame's edge
    double ratio  # source pixels per output pixel
    double share  # what each of these weighs: one over the ratio
    Py_ssize_t low  # first source pixel that may be read
    Py_ssize_t high  # last source pixel that may be read


cdef struct Taps:
    # The source pixels of one output pixel: `count` from `first` on; the ones between the ends weigh `inner`.
    Py_ssize_t first
    Py_ssize_t count
    float head
    float inner
    float tail


cdef inline Axis axis_of(double start, double length, Py_ssize_t limit, Py_ssize_t cells) noexcept nogil:
    # Clipped to the frame; an axis without any length left, or that is no number, keeps `high` below `low`.
    cdef Axis axis
    cdef double begin = max(start, 0.0), end = min(start + length, <double>limit)
    axis.start = begin
    axis.ratio = (end - begin) / cells
    axis.share = 1.0 / axis.ratio
    axis.low, axis.high = 0, -1
    if begin < end and not isnan(start + length):
        axis.low = <Py_ssize_t>floor(begin)
        axis.high = <Py_ssize_t>ceil(end) - 1
    return axis


cdef inline Axis halved(Axis axis) noexcept nogil:
    # The same axis in a plane that has one sample for every two pixels.
    axis.start /= 2.0
    axis.ratio /= 2.0
    axis.share *= 2.0
    axis.low >>= 1
    axis.high >>= 1
    return axis


cdef inline Taps taps_of(Axis axis, Py_ssize_t index) noexcept nogil:
    # Weights that sum to one: the mean over the covered area when shrinking, else between two neighbours.
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
        taps.inner = <float>axis.share
        taps.head = <float>((min(right, taps.first + 1.0) - left) * axis.share)
        taps.tail = <float>((right - last) * axis.share)
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
