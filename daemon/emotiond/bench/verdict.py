"""What was asked for beside what was measured: one row for each figure that a report has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from emotiond.bench.pixels import ODD, SMALL, WHOLE, Cut
from emotiond.bench.speed import Line, Report


class Row(NamedTuple):
    """One figure in words; the limit is the least, or where it is a cost the most, that was asked for."""

    figure: str
    asked: str
    measured: str


def rows(report: Report) -> list[Row]:
    """Return a row for each figure that was measured."""
    return [*_against(report), *_crowds(report.lines), *_kernel(report.cuts), *_networks(report), *_costs(report)]


def _against(report: Report) -> Iterator[Row]:
    for one in report.against:
        asked = "50x" if one.other.startswith("fer") else "10x" if one.other == "naive" else ""
        found = f"{one.ratio:.1f}x (it finds {one.other_found:.1f} faces, ours {one.our_found:.1f})"
        yield Row(f"{one.scene}, frames per second against {one.other}", asked, found)


def _crowds(lines: Sequence[Line]) -> Iterator[Row]:
    for size in sorted({line.size for line in lines}):
        by_faces = {line.faces: line for line in lines if line.size == size}
        if {1, 40} <= by_faces.keys():
            share = by_faces[40].rush.frames_per_second / by_faces[1].rush.frames_per_second
            yield Row(f"{size[0]}x{size[1]}, frames per second at 40 faces against 1", "0.5", f"{share:.2f}")
    for line in lines:
        if line.faces == 40 and line.size == (1920, 1080) and line.live is not None:
            live = line.live
            late = "-" if live.latency_p99_milliseconds is None else f"{live.latency_p99_milliseconds:.0f} ms"
            told = f"{live.frames_per_second:.1f} fps, {live.readings_per_face_and_second:.1f} per second, {late}"
            yield Row("40 faces, 1080p, live: rate, readings per face, latency p99", "30 fps, 3, 100 ms", told)


def _kernel(cuts: Sequence[Cut]) -> Iterator[Row]:
    if not cuts:
        return
    yield _ratios("kernel against Python loops", "300x", [cut.loops_ratio for cut in cuts])
    for what, sides, asked in (
        ("40 to 64 pixels", SMALL, "3x"),
        ("96 to 288 pixels at whole ratios", WHOLE, "1.5x"),
        ("100 to 300 pixels at odd ratios", ODD, "3x"),
    ):
        yield _ratios(f"kernel against OpenCV, {what}", asked, [cut.area_ratio for cut in cuts if cut.side in sides])
    yield _ratios("kernel against INTER_LINEAR, which aliases", "", [cut.linear_ratio for cut in cuts])
    shares = [cut.bandwidth_share for cut in cuts]
    yield Row("kernel's share of the bandwidth of a copy", "", f"{min(shares):.0%} to {max(shares):.0%}")


def _networks(report: Report) -> Iterator[Row]:
    for one in report.networks:
        asked = "0.8x" if one.other.startswith("OpenVINO") else ""
        yield Row(f"classifier's faces per second at batch 16 against {one.other}", asked, f"{one.ratio:.2f}x")


def _costs(report: Report) -> Iterator[Row]:
    for line in report.lines:
        if line.empty and line.size == (1280, 720) and line.live is not None:
            asked = "12 %" if line.name.endswith("mjpeg") else "5 %" if line.name.endswith("yuyv") else ""
            yield Row(f"{line.name}, live: CPU of one core, at most", asked, f"{line.live.cpu_share:.1%}")
    if report.startup is not None:
        begun = report.startup
        told = f"{begun.ready_seconds:.2f} s; {begun.resident_megabytes:.0f} MB"
        yield Row("start to READY; resident memory at 1080p, at most", "1.5 s; 200 MB", told)


def _ratios(figure: str, asked: str, found: Sequence[float]) -> Row:
    return Row(figure, asked, f"{min(found):.1f}x to {max(found):.1f}x")
