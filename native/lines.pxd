# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Lines of samples with 8 bits before the point and 8 behind it, and what is done to them.

Each loop is written so that the compiler makes vectors of it: sixteen bits are as narrow as a mean can be kept, and the
upper half of a product of two such numbers is a single instruction on x86 and two on ARM.
"""

from libc.stdint cimport uint8_t, uint16_t
from libc.string cimport memcpy, memset

from taps cimport Taps


cdef inline uint16_t times(uint16_t sample, uint16_t weight) noexcept nogil:
    return <uint16_t>((<unsigned int>sample * weight) >> 16)


cdef inline uint16_t sixteen_bits(float weight) noexcept nogil:
    return <uint16_t>(min(max(weight, 0.0), 1.0) * 65535.0 + 0.5)


cdef inline void copy_row(const uint8_t* row, Py_ssize_t count, uint16_t* line) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        line[x] = <uint16_t>(row[x] * 256)


cdef inline void blend_rows(
    const uint8_t* one, const uint8_t* other, Py_ssize_t count, uint16_t head, uint16_t tail, uint16_t* line
) noexcept nogil:
    cdef Py_ssize_t x
    cdef uint16_t a, b
    for x in range(count):
        a = <uint16_t>(one[x] * 256)
        b = <uint16_t>(other[x] * 256)
        line[x] = <uint16_t>(times(a, head) + times(b, tail))


cdef inline void add_row(const uint8_t* row, Py_ssize_t count, uint16_t weight, uint16_t* line) noexcept nogil:
    cdef Py_ssize_t x
    cdef uint16_t a
    for x in range(count):
        a = <uint16_t>(row[x] * 256)
        line[x] = <uint16_t>(line[x] + times(a, weight))


cdef inline void sum_rows(
    const uint8_t* row, Py_ssize_t stride, Py_ssize_t rows, Py_ssize_t count, uint16_t* sums
) noexcept nogil:
    # Four at a time: each touch of `sums` costs as much as a row does. 256 rows fit.
    cdef Py_ssize_t x, y = 0
    cdef const uint8_t* a
    cdef const uint8_t* b
    cdef const uint8_t* c
    cdef const uint8_t* d
    memset(sums, 0, count * sizeof(uint16_t))
    while y + 4 <= rows:
        a = row + y * stride
        b = a + stride
        c = b + stride
        d = c + stride
        for x in range(count):
            sums[x] = <uint16_t>(sums[x] + <uint16_t>(a[x] + b[x]) + <uint16_t>(c[x] + d[x]))
        y += 4
    while y < rows:
        a = row + y * stride
        for x in range(count):
            sums[x] = <uint16_t>(sums[x] + a[x])
        y += 1


cdef inline void add_sums(
    const uint16_t* sums, Py_ssize_t count, Py_ssize_t rows, float weight, uint16_t* line
) noexcept nogil:
    # The sums are stretched to all sixteen bits first; the weight is halved to fit, and what comes out is doubled.
    cdef Py_ssize_t x, power = 1
    cdef uint16_t stretch = 256, half, part
    while power < rows:
        power *= 2
        stretch >>= 1
    half = <uint16_t>min(weight * power * 32768.0 + 0.5, 65535.0)
    for x in range(count):
        part = <uint16_t>(sums[x] * stretch)
        part = times(part, half)
        line[x] = <uint16_t>(line[x] + part + part)


cdef inline void mean_of_rows(
    const uint8_t* row, Py_ssize_t stride, Py_ssize_t count, Taps rows, uint16_t* sums, uint16_t* line
) noexcept nogil:
    """Write the weighted mean of ``rows`` into ``line``: ``row`` is the first of them, ``count`` bytes of each."""
    cdef Py_ssize_t left = rows.count, some
    cdef float uneven = max(abs(rows.head - rows.inner), abs(rows.tail - rows.inner))
    if rows.count == 1:
        copy_row(row, count, line)
        return
    if rows.count == 2 or uneven > 1e-6 * rows.inner:
        blend_rows(
            row, row + (left - 1) * stride, count, sixteen_bits(rows.head), sixteen_bits(rows.tail), line
        )
        row += stride
        left -= 2
    else:
        memset(line, 0, count * sizeof(uint16_t))
    if left <= 2:
        while left > 0:
            add_row(row, count, sixteen_bits(rows.inner), line)
            row += stride
            left -= 1
    while left > 0:
        some = min(left, 256)
        sum_rows(row, stride, some, count, sums)
        add_sums(sums, count, some, rows.inner, line)
        row += some * stride
        left -= some


cdef inline void gray_of(const uint16_t* line, Py_ssize_t count, uint16_t* gray) noexcept nogil:
    # OpenCV's weights of blue, green and red; the one makes up for what three products have cut off.
    cdef Py_ssize_t x
    for x in range(count):
        gray[x] = <uint16_t>(
            times(line[3 * x], 7470) + times(line[3 * x + 1], 38470) + times(line[3 * x + 2], 19596) + 1
        )


cdef inline void gray_row(const uint8_t* row, Py_ssize_t count, uint16_t* gray) noexcept nogil:
    # The same of a row of BGR as it lies.
    cdef Py_ssize_t x
    cdef uint16_t blue, green, red
    for x in range(count):
        blue = <uint16_t>(row[3 * x] * 256)
        green = <uint16_t>(row[3 * x + 1] * 256)
        red = <uint16_t>(row[3 * x + 2] * 256)
        gray[x] = <uint16_t>(times(blue, 7470) + times(green, 38470) + times(red, 19596) + 1)


cdef inline void mean_of_lines(
    const uint16_t* lines, Py_ssize_t stride, Py_ssize_t count, Taps rows, uint16_t* line
) noexcept nogil:
    """Write the weighted mean of ``rows`` into ``line``: ``lines`` is the first of them, and they are few."""
    cdef Py_ssize_t x, k
    cdef const uint16_t* last = lines + (rows.count - 1) * stride
    cdef const uint16_t* here
    cdef uint16_t head = sixteen_bits(rows.head), inner = sixteen_bits(rows.inner), tail = sixteen_bits(rows.tail)
    if rows.count == 1:
        memcpy(line, lines, count * sizeof(uint16_t))
        return
    for x in range(count):
        line[x] = <uint16_t>(times(lines[x], head) + times(last[x], tail))
    for k in range(1, rows.count - 1):
        here = lines + k * stride
        for x in range(count):
            line[x] = <uint16_t>(line[x] + times(here[x], inner))


cdef inline void every(const uint16_t* line, Py_ssize_t step, Py_ssize_t count, uint16_t* samples) noexcept nogil:
    cdef Py_ssize_t x
    if step == 2:
        for x in range(count):
            samples[x] = line[2 * x]
    elif step == 3:
        for x in range(count):
            samples[x] = line[3 * x]
    else:
        for x in range(count):
            samples[x] = line[x]


cdef inline void colour_of(
    const uint16_t* luma,
    Py_ssize_t luma_step,
    const uint16_t* chroma,
    Py_ssize_t chroma_step,
    Py_ssize_t count,
    int plane,
    uint16_t* samples,
) noexcept nogil:
    """Write red, green or blue (``plane`` 0, 1, 2) of full-range BT.601; ``chroma``: U and V of every two pixels."""
    cdef Py_ssize_t x
    cdef const uint16_t* pair
    # Of 16384: 1.402 V; -0.344136 U - 0.714136 V; 1.772 U.
    cdef int of_u = 0 if plane == 0 else (-5638 if plane == 1 else 29032)
    cdef int of_v = 22970 if plane == 0 else (-11700 if plane == 1 else 0)
    cdef int sample
    for x in range(count):
        pair = chroma + (x >> 1) * chroma_step
        sample = luma[x * luma_step] + ((of_u * (pair[0] - 32768) + of_v * (pair[chroma_step >> 1] - 32768)) >> 14)
        samples[x] = <uint16_t>min(max(sample, 0), 65280)


cdef inline void turn(const uint16_t* lines, Py_ssize_t stride, Py_ssize_t count, float* columns) noexcept nogil:
    # Eight lines beside each other become one line of eights.
    cdef Py_ssize_t x
    for x in range(count):
        columns[8 * x] = lines[x]
        columns[8 * x + 1] = lines[stride + x]
        columns[8 * x + 2] = lines[2 * stride + x]
        columns[8 * x + 3] = lines[3 * stride + x]
        columns[8 * x + 4] = lines[4 * stride + x]
        columns[8 * x + 5] = lines[5 * stride + x]
        columns[8 * x + 6] = lines[6 * stride + x]
        columns[8 * x + 7] = lines[7 * stride + x]
