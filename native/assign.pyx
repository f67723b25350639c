# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: autotestdict=False
"""Pair rows with columns so that the sum of the costs is the smallest there is (Kuhn 1955, with potentials)."""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc


cdef inline double cost_of(
    const double[:, ::1] cost, Py_ssize_t i, Py_ssize_t j, double limit, bint turned
) noexcept nogil:
    cdef double value = cost[j, i] if turned else cost[i, j]
    # Written so that a cost that is no number counts as forbidden.
    return value if value < limit else limit


cdef void solve(
    const double[:, ::1] cost,
    double limit,
    bint turned,
    Py_ssize_t rows,
    Py_ssize_t columns,
    double* numbers,
    Py_ssize_t* indices,
) noexcept nogil:
    # Counted from one: row 0 and column 0 stand for "none". At the end `partner` holds the row of each column.
    cdef double* row_price = numbers
    cdef double* column_price = numbers + rows + 1
    cdef double* slack = column_price + columns + 1
    cdef Py_ssize_t* partner = indices
    cdef Py_ssize_t* previous = indices + columns + 1
    cdef Py_ssize_t* used = previous + columns + 1
    cdef Py_ssize_t i, j, row, here, following
    cdef double step, reduced
    for i in range(rows + 1):
        row_price[i] = 0.0
    for j in range(columns + 1):
        column_price[j] = 0.0
        partner[j] = 0
    for i in range(1, rows + 1):
        partner[0] = i
        here = 0
        for j in range(columns + 1):
            slack[j] = INFINITY
            used[j] = 0
        while partner[here] != 0:
            used[here] = 1
            row = partner[here]
            step = INFINITY
            following = 0
            for j in range(1, columns + 1):
                if used[j]:
                    continue
                reduced = cost_of(cost, row - 1, j - 1, limit, turned) - row_price[row] - column_price[j]
                if reduced < slack[j]:
                    slack[j] = reduced
                    previous[j] = here
                if slack[j] < step:
                    step = slack[j]
                    following = j
            for j in range(columns + 1):
                if used[j]:
                    row_price[partner[j]] += step
                    column_price[j] -= step
                else:
                    slack[j] -= step
            here = following
        while here != 0:
            partner[here] = partner[previous[here]]
            here = previous[here]


def assign(const double[:, ::1] cost not None, int64_t[::1] out not None, double limit):
    """Write into ``out`` the column of each row, -1 for none, so that the sum of the costs is the smallest.

    cost: f64 (n, m). out: i64 (n,). A pair whose cost reaches ``limit``, or is no number, is never made, and a row
    that stays alone costs ``limit``. Raises ValueError where the shapes do not fit or ``limit`` is not finite.
    """
    cdef Py_ssize_t n = cost.shape[0], m = cost.shape[1], i, j
    cdef bint turned = n > m
    cdef Py_ssize_t rows = m if turned else n, columns = n if turned else m
    cdef double* numbers
    cdef Py_ssize_t* indices
    if out.shape[0] != n:
        raise ValueError(f"{n} rows do not fit into an output of {out.shape[0]}")
    if not -INFINITY < limit < INFINITY:
        raise ValueError(f"the limit must be a finite number, not {limit:g}")
    for i in range(n):
        for j in range(m):
            if cost[i, j] == -INFINITY:
                raise ValueError(f"the cost of row {i} and column {j} is endless")
    numbers = <double*>malloc((rows + 2 * columns + 3) * sizeof(double))
    indices = <Py_ssize_t*>malloc(3 * (columns + 1) * sizeof(Py_ssize_t))
    if numbers == NULL or indices == NULL:
        free(numbers)
        free(indices)
        raise MemoryError
    with nogil:
        for i in range(n):
            out[i] = -1
        if rows > 0:
            solve(cost, limit, turned, rows, columns, numbers, indices)
        for j in range(1, columns + 1 if rows > 0 else 1):
            i = indices[j]
            if i == 0:
                continue
            if turned:
                if cost[j - 1, i - 1] < limit:
                    out[j - 1] = i - 1
            elif cost[i - 1, j - 1] < limit:
                out[i - 1] = j - 1
    free(numbers)
    free(indices)
