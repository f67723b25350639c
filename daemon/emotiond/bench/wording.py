"""The report of the bench of speed in words: Markdown tables, ready for a page."""

from __future__ import annotations

from emotiond.bench.speed import Line, Report
from emotiond.bench.verdict import rows

_STAGES = ("capture", "detect", "track", "batch", "classify", "mood", "publish")


def lines(report: Report) -> list[str]:
    """Write the whole report."""
    text = [", ".join(f"{key.replace('_', ' ')} {value}" for key, value in report.machine.items()), ""]
    if report.startup is not None:
        begun = report.startup
        text += [f"start to READY {begun.ready_seconds:.2f} s, {begun.resident_megabytes:.0f} MB resident at 1080p", ""]
    text += _rush(report.lines) + _live(report.lines) + _compared(report) + _verdict(report)
    return text + [f"not measured: {reason}" for reason in report.missing]


def _rush(found: list[Line]) -> list[str]:
    if not found:
        return []
    text = ["As fast as it goes, milliseconds per frame:", ""]
    text.append("| scene | " + " | ".join(_STAGES) + " | fps | faces/s | found | readings per face and s |")
    text.append("|---|" + "---:|" * (len(_STAGES) + 4))
    for line in found:
        stages = " | ".join(f"{getattr(line.rush.stages, stage):.2f}" for stage in _STAGES)
        fast = line.rush
        text.append(
            f"| {line.name} | {stages} | {fast.frames_per_second:.0f} | {fast.faces_per_second:.0f} "
            f"| {fast.found:.1f} | {fast.readings_per_face_and_second:.1f} |"
        )
    return [*text, ""]


def _live(found: list[Line]) -> list[str]:
    if not any(line.live for line in found):
        return []
    text = ["At the camera's rate, through a broker; latency from capture to its acknowledgement, ms:", ""]
    text.append(
        "| scene | fps | decoded | dropped | readings per face and s | p50 | p95 | p99 | CPU of one core | MB |"
    )
    text.append("|---|" + "---:|" * 9)
    for line in found:
        slow = line.live
        if slow is None:
            continue
        times = (slow.latency_p50_milliseconds, slow.latency_p95_milliseconds, slow.latency_p99_milliseconds)
        latency = " | ".join("-" if value is None else f"{value:.1f}" for value in times)
        text.append(
            f"| {line.name} | {slow.frames_per_second:.1f} | {slow.decoded_per_second:.1f} | {slow.dropped} | {slow.readings_per_face_and_second:.1f} "
            f"| {latency} | {slow.cpu_share:.0%} | {slow.resident_megabytes:.0f} |"
        )
    return [*text, ""]


def _verdict(report: Report) -> list[str]:
    found = rows(report)
    if not found:
        return []
    text = ["| figure | asked for | measured |", "|---|---|---|"]
    return [*text, *(f"| {row.figure} | {row.asked} | {row.measured} |" for row in found), ""]


def _compared(report: Report) -> list[str]:
    text = []
    if report.against:
        text += ["| scene | against | its fps | ours | ratio | it finds | ours |", "|---|---|---:|---:|---:|---:|---:|"]
        text += [
            f"| {one.scene} | {one.other} | {one.other_frames_per_second:.2f} | {one.our_frames_per_second:.1f} "
            f"| {one.ratio:.1f}x | {one.other_found:.1f} | {one.our_found:.1f} |"
            for one in report.against
        ]
        text.append("")
    text += [
        f"{one.other}, batch 16: {one.other_faces_per_second:.0f} faces/s, ours "
        f"{one.our_faces_per_second:.0f} with the faces cut out as well, {one.ratio:.2f}x"
        for one in report.networks
    ]
    if report.cuts:
        text += ["Cutting a face out, microseconds per face of 20:", ""]
        text.append("| pixels | kernel | OpenCV area | linear | Python loops | area | linear | loops | of a copy |")
        text.append("|---:|" + "---:|" * 8)
        text += [
            f"| {cut.side} | {cut.kernel:.1f} | {cut.area:.1f} | {cut.linear:.1f} | {cut.loops:.0f} "
            f"| {cut.area_ratio:.1f}x | {cut.linear_ratio:.1f}x | {cut.loops_ratio:.0f}x | {cut.bandwidth_share:.0%} |"
            for cut in report.cuts
        ]
        text.append("")
    return text
