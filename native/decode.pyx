# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: autotestdict=False
"""From the three maps of the face detector to its boxes: decode, threshold, sort, suppress what overlaps."""

from libc.math cimport exp, isfinite, log
from libc.stdlib cimport free, malloc, qsort


cdef struct Candidate:
    float x
    float y
    float width
    float height
    float logit
    # Position in the order of the maps: of equal scores the earlier one wins, so that the order is always the same.
    Py_ssize_t order


cdef int better(const void* first, const void* second) noexcept nogil:
    cdef const Candidate* one = <const Candidate*>first
    cdef const Candidate* other = <const Candidate*>second
    if one.logit != other.logit:
        return -1 if one.logit > other.logit else 1
    return -1 if one.order < other.order else 1


cdef inline double overlap_of(const Candidate* one, const float* kept) noexcept nogil:
    cdef double across = min(one.x + one.width, kept[0] + kept[2]) - max(one.x, kept[0])
    cdef double down = min(one.y + one.height, kept[1] + kept[3]) - max(one.y, kept[1])
    cdef double shared
    if across <= 0.0 or down <= 0.0:
        return 0.0
    shared = across * down
    return shared / (<double>one.width * one.height + <double>kept[2] * kept[3] - shared)


cdef Py_ssize_t count_above(const float[:, :, ::1] cells, double least) noexcept nogil:
    cdef Py_ssize_t i, j, count = 0
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            count += cells[i, j, 0] >= least
    return count


cdef Py_ssize_t gather(
    const float[:, :, ::1] cells, double stride, double least, Candidate* found, Py_ssize_t count, Py_ssize_t order
) noexcept nogil:
    """Append the cells of one map that reach ``least``; a box that is no number is none."""
    cdef Py_ssize_t i, j
    cdef double width, height, x, y
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            if not cells[i, j, 0] >= least:
                continue
            width = exp(cells[i, j, 3]) * stride
            height = exp(cells[i, j, 4]) * stride
            x = (j + 0.5 + cells[i, j, 1]) * stride - 0.5 * width
            y = (i + 0.5 + cells[i, j, 2]) * stride - 0.5 * height
            if not isfinite(<float>x + <float>y + <float>width * <float>height):
                continue
            found[count].x, found[count].y = <float>x, <float>y
            found[count].width, found[count].height = <float>width, <float>height
            found[count].logit = cells[i, j, 0]
            found[count].order = order + i * cells.shape[1] + j
            count += 1
    return count


cdef Py_ssize_t suppress(
    const Candidate* found, Py_ssize_t count, double most_overlap, float[:, ::1] out
) noexcept nogil:
    """Keep the best, drop what overlaps a kept one too much, until ``out`` is full."""
    cdef Py_ssize_t i, k, kept = 0
    for i in range(count):
        if kept == out.shape[0]:
            break
        for k in range(kept):
            if overlap_of(&found[i], &out[k, 0]) > most_overlap:
                break
        else:
            out[kept, 0], out[kept, 1] = found[i].x, found[i].y
            out[kept, 2], out[kept, 3] = found[i].width, found[i].height
            out[kept, 4] = <float>(1.0 / (1.0 + exp(-<double>found[i].logit)))
            kept += 1
    return kept


def decode_boxes(
    const float[:, :, ::1] fine not None,
    const float[:, :, ::1] middle not None,
    const float[:, :, ::1] coarse not None,
    tuple strides not None,
    float[:, ::1] out not None,
    double score_above,
    double most_overlap,
):
    """Write the boxes of three maps into ``out``, the best first, and return how many there are.

    fine, middle, coarse: f32 (rows, columns, 5), the channels [logit, dx, dy, log w, log h]. The cell in row i, column
    j of a map with stride s is a box around ((j + 0.5 + dx) * s, (i + 0.5 + dy) * s) of exp(log w) * s times
    exp(log h) * s pixels with the score sigmoid(logit). out: f32 (n, 5): x, y, width, height in pixels, score; what
    does not fit is dropped, the worst first. A box counts from ``score_above`` on, and while no better one overlaps
    it (intersection over union) by more than ``most_overlap``. Raises ValueError where shapes or bounds do not fit.
    """
    cdef double least, fine_stride, middle_stride, coarse_stride
    cdef Py_ssize_t count, kept, middle_order = fine.shape[0] * fine.shape[1]
    cdef Py_ssize_t coarse_order = middle_order + middle.shape[0] * middle.shape[1]
    cdef Candidate* found
    if fine.shape[2] != 5 or middle.shape[2] != 5 or coarse.shape[2] != 5:
        raise ValueError(f"a map has 5 channels, not {fine.shape[2]}, {middle.shape[2]}, {coarse.shape[2]}")
    if out.shape[1] != 5:
        raise ValueError(f"a box is x, y, width, height, score, not {out.shape[1]} numbers")
    if not 0.0 < score_above < 1.0:
        raise ValueError(f"score_above lies between 0 and 1, which {score_above:g} does not")
    fine_stride, middle_stride, coarse_stride = strides
    least = log(score_above / (1.0 - score_above))
    with nogil:
        count = count_above(fine, least) + count_above(middle, least) + count_above(coarse, least)
    found = <Candidate*>malloc((count + 1) * sizeof(Candidate))
    if found == NULL:
        raise MemoryError
    with nogil:
        count = gather(fine, fine_stride, least, found, 0, 0)
        count = gather(middle, middle_stride, least, found, count, middle_order)
        count = gather(coarse, coarse_stride, least, found, count, coarse_order)
        qsort(found, count, sizeof(Candidate), better)
        kept = suppress(found, count, most_overlap, out)
    free(found)
    return kept
