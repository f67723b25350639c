# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Cut all faces of a frame out, gray them, resize them and scale them, straight into the network's input.

Rows first, colours last: the bytes of the source rows are averaged as they lie, whatever they mean, and only the mean
is made gray. So the many pixels of a large face cost an addition per byte, and the rest is paid per output row. Only
where rows are not many more than output rows, the other way about is cheaper: each row of BGR is made gray once.
"""

from libc.stdint cimport uint8_t, uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from lines cimport colour_of, every, gray_of, gray_row, mean_of_lines, mean_of_rows, turn
from taps cimport Axis, Taps, axis_of, halved, taps_of


# From so many source rows for each output row on, gray is made of their mean.
cdef enum:
    FEW_ROWS = 2


cdef struct Source:
    const uint8_t* pixels
    const uint8_t* chroma  # of NV12, else NULL
    Py_ssize_t stride
    Py_ssize_t bytes  # per pixel


cdef struct Bench:
    # Room to work in, for crops that are `width` pixels wide.
    Py_ssize_t width
    uint16_t* sums
    uint16_t* line
    uint16_t* chroma
    uint16_t* planes  # eight lines of each
    uint16_t* grays  # all rows of a small crop
    float* eights
    Taps* columns


cdef inline void weigh(const float* at, Taps taps, float* total) noexcept nogil:
    cdef float sums[8]
    cdef Py_ssize_t k, row
    cdef const float* last
    for row in range(8):
        sums[row] = taps.head * at[row]
    if taps.count > 1:
        last = at + 8 * (taps.count - 1)
        for row in range(8):
            sums[row] += taps.tail * last[row]
        for k in range(1, taps.count - 1):
            for row in range(8):
                sums[row] += taps.inner * at[8 * k + row]
    for row in range(8):
        total[row] = sums[row]


cdef void shrink(
    const float* eights,
    const Taps* columns,
    Py_ssize_t origin,
    Py_ssize_t width,
    Py_ssize_t rows,
    Py_ssize_t planes,
    float offset,
    float* out,
) noexcept nogil:
    # Eight lines become `rows` rows of the output, sixteen columns at a time.
    cdef float block[128]
    cdef float turned[128]
    cdef Py_ssize_t begin, some, x, row
    for begin in range(0, width, 16):
        some = min(16, width - begin)
        for x in range(some):
            weigh(eights + 8 * (columns[begin + x].first - origin), columns[begin + x], block + 8 * x)
        for x in range(16):
            for row in range(8):
                turned[16 * row + x] = block[8 * x + row] + offset
        for row in range(rows):
            if planes == 1 and some == 16:
                memcpy(out + row * width + begin, turned + 16 * row, 16 * sizeof(float))
            elif planes == 1:
                memcpy(out + row * width + begin, turned + 16 * row, some * sizeof(float))
            else:
                for x in range(some):
                    out[(row * width + begin + x) * planes] = turned[16 * row + x]


cdef inline void fill_lines(
    Source source, Bench bench, Taps rows, Taps chroma_rows, Py_ssize_t origin, Py_ssize_t row, Py_ssize_t planes
) noexcept nogil:
    # The mean of the source rows of one output row, as lines of gray or of red, green and blue.
    cdef Py_ssize_t width = bench.width, plane, wanted = width * source.bytes
    cdef uint16_t* target = bench.planes + row * width
    cdef uint16_t* line = target if source.bytes == 1 and planes == 1 else bench.line
    mean_of_rows(
        source.pixels + rows.first * source.stride + origin * source.bytes,
        source.stride, wanted, rows, bench.sums, line,
    )
    if planes == 1:
        if source.bytes == 3:
            gray_of(line, width, target)
        elif source.bytes == 2:
            every(line, 2, width, target)
        return
    if source.chroma != NULL:
        mean_of_rows(
            source.chroma + chroma_rows.first * source.stride + origin,
            source.stride, width + width % 2, chroma_rows, bench.sums, bench.chroma,
        )
    for plane in range(3):
        target = bench.planes + (8 * plane + row) * width
        if source.chroma != NULL:
            colour_of(line, 1, bench.chroma, 2, width, <int>plane, target)
        elif source.bytes == 2:
            colour_of(line, 2, line + 1, 4, width, <int>plane, target)
        else:
            every(line + (2 - plane if source.bytes == 3 else 0), source.bytes, width, target)


cdef void crop(
    Source source, Axis across, Axis down, Bench bench, float[:, :, ::1] out, float scale, float offset
) noexcept nogil:
    # An even origin keeps the two pixels together that share their chroma.
    cdef Py_ssize_t origin = across.low - across.low % 2, width = out.shape[1], planes = out.shape[2]
    cdef Py_ssize_t begin, rows, row, plane, x
    cdef float unit = scale / <float>256.0
    cdef Axis chroma_down = halved(down)
    cdef Taps here, chroma_here
    cdef bint gray_first = source.bytes == 3 and planes == 1 and down.ratio < FEW_ROWS
    bench.width = across.high - origin + 1
    bench.width += bench.width % 2 if source.bytes == 2 else 0
    for x in range(width):
        bench.columns[x] = taps_of(across, x)
        bench.columns[x].head *= unit
        bench.columns[x].inner *= unit
        bench.columns[x].tail *= unit
    if gray_first:
        for row in range(down.low, down.high + 1):
            gray_row(
                source.pixels + row * source.stride + 3 * origin,
                bench.width,
                bench.grays + (row - down.low) * bench.width,
            )
    for begin in range(0, out.shape[0], 8):
        rows = min(8, out.shape[0] - begin)
        for row in range(rows):
            here = chroma_here = taps_of(down, begin + row)
            if gray_first:
                mean_of_lines(
                    bench.grays + (here.first - down.low) * bench.width,
                    bench.width, bench.width, here, bench.planes + row * bench.width,
                )
                continue
            if source.chroma != NULL:
                chroma_here = taps_of(chroma_down, begin + row)
            fill_lines(source, bench, here, chroma_here, origin, row, planes)
        for plane in range(planes):
            turn(bench.planes + 8 * plane * bench.width, bench.width, bench.width, bench.eights)
            shrink(bench.eights, bench.columns, origin, width, rows, planes, offset, &out[begin, 0, plane])


def crop_faces(
    const uint8_t[:, :, ::1] frame not None,
    const float[:, ::1] boxes not None,
    float[:, :, :, ::1] out not None,
    float scale,
    float offset,
    bint nv12=False,
):
    """Write every face of ``frame`` into ``out``, resized to its size, as ``pixel * scale + offset``.

    frame: u8 (h, w, 1) gray, (h, w, 3) BGR, (h, w, 2) YUYV, or with ``nv12`` (h * 3 / 2, w, 1) NV12. boxes: f32 (n, 4),
    each x, y, width, height in pixels, clipped to the frame. out: f32 (m, h, w, c) with m >= n; c = 1 takes gray, which
    of YUYV and NV12 is the luma as it is, c = 3 takes RGB (full-range BT.601). Each axis that shrinks takes the mean
    over the area, each that grows is interpolated between neighbours; within a hundredth of a pixel's step. Raises
    ValueError where shapes do not fit or a box holds no pixel of the frame; then ``out`` is left as it was.
    """
    cdef Py_ssize_t count = boxes.shape[0], i, widest = 0
    cdef Py_ssize_t height = frame.shape[0], width = frame.shape[1], room, few
    cdef Axis across, down
    cdef Source source
    cdef Bench bench
    cdef uint16_t* memory
    if not 1 <= frame.shape[2] <= 3:
        raise ValueError(f"a frame has 1, 2 or 3 channels, not {frame.shape[2]}")
    if nv12 and (frame.shape[2] != 1 or height % 3 or width % 2):
        raise ValueError(f"NV12 has one channel, rows by the three and an even width, not {height}x{width}")
    if frame.shape[2] == 2 and width % 2:
        raise ValueError(f"YUYV has an even width, not {width}")
    if out.shape[3] != 1 and out.shape[3] != 3:
        raise ValueError(f"an output has 1 or 3 channels, not {out.shape[3]}")
    if boxes.shape[1] != 4:
        raise ValueError(f"a box is x, y, width, height, not {boxes.shape[1]} numbers")
    if out.shape[0] < count:
        raise ValueError(f"{count} boxes do not fit into an output of {out.shape[0]}")
    height = height // 3 * 2 if nv12 else height
    for i in range(count):
        across = axis_of(boxes[i, 0], boxes[i, 2], width, out.shape[2])
        down = axis_of(boxes[i, 1], boxes[i, 3], height, out.shape[1])
        if across.high < across.low or down.high < down.low:
            raise ValueError(
                f"box {i} ({boxes[i, 0]:g}, {boxes[i, 1]:g}, {boxes[i, 2]:g}, {boxes[i, 3]:g}) "
                f"holds no pixel of a frame of {width}x{height}"
            )
        widest = max(widest, across.high - across.low + 1)
    if count == 0 or out.shape[1] == 0 or out.shape[2] == 0:
        return
    source.pixels = &frame[0, 0, 0]
    source.bytes = frame.shape[2]
    source.stride = width * source.bytes
    source.chroma = source.pixels + height * width if nv12 else NULL
    # As many rows as a crop has at most whose gray is made first.
    few = FEW_ROWS * out.shape[1] + 2
    # One pixel more where the origin is moved to an even one, one more where chroma comes in pairs.
    room = widest + 2
    memory = <uint16_t*>malloc(room * (3 + 3 + 1 + 24 + few) * sizeof(uint16_t))
    bench.eights = <float*>malloc(room * 8 * sizeof(float))
    bench.columns = <Taps*>malloc(out.shape[2] * sizeof(Taps))
    if memory == NULL or bench.eights == NULL or bench.columns == NULL:
        free(memory)
        free(bench.eights)
        free(bench.columns)
        raise MemoryError
    bench.width = room
    bench.sums, bench.line, bench.chroma = memory, memory + 3 * room, memory + 6 * room
    bench.planes, bench.grays = memory + 7 * room, memory + 31 * room
    with nogil:
        for i in range(count):
            across = axis_of(boxes[i, 0], boxes[i, 2], width, out.shape[2])
            down = axis_of(boxes[i, 1], boxes[i, 3], height, out.shape[1])
            crop(source, across, down, bench, out[i], scale, offset)
    free(memory)
    free(bench.eights)
    free(bench.columns)
