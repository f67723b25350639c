"""Draws a view on the lines of a terminal, 80 columns by 24 lines or whatever there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.style import Style
from rich.text import Text

from emotiond.mqtt.contract import RoomState
from emotiond.records import EMOTIONS
from emotiond.report.palette import INKS, STACK
from emotiond.watch.heard import StateHeard
from emotiond.watch.view import CameraView, DeviceView, View

#: Lines that the last events get at least, their heading included.
LEAST_EVENT_LINES: Final = 4
_NAME_COLUMNS: Final = 10
_DIM: Final = Style(dim=True)
_BOLD: Final = Style(bold=True)
_ALARM: Final = Style(bold=True, reverse=True)


def screen(view: View, broker: str, width: int, height: int, *, ascii_only: bool = False) -> Text:
    """Draw; the text has at most ``height`` lines of at most ``width`` columns."""
    with view.lock:
        lines = [_title(view, broker)]
        for name, device in sorted(view.devices.items()):
            lines.append(_device(name, device))
        cameras = [
            (name, device, camera) for name, device in sorted(view.devices.items()) for camera in sorted(device.cameras)
        ]
        lines = lines[: max(1, height // 3)]
        room = height - len(lines) - LEAST_EVENT_LINES
        lines += _cameras(cameras, room, width, ascii_only=ascii_only, many=len(view.devices) > 1)
        lines += _events(view, height - len(lines))
    for line in lines:
        line.truncate(width, overflow="crop" if ascii_only else "ellipsis")
    return Text("\n").join(lines[:height])


def _title(view: View, broker: str) -> Text:
    title = Text("emotiond watch", _BOLD)
    title.append(f"  {datetime.now().astimezone():%H:%M:%S}  {_clean(broker)}: ")
    if not view.connected:
        title.append("not connected, trying", _ALARM)
    elif not view.devices:
        title.append("connected; no device yet")
    else:
        title.append("connected")
    return title


def _device(name: str, device: DeviceView) -> Text:
    line = Text(_clean(name), _BOLD)
    line.append("  ")
    line.append(*_availability(online=device.online))
    state = device.state
    if state is None:
        return line
    line.append(f"  {state.frames_per_second:.1f} fps")
    if state.latency_p50_milliseconds is not None:
        line.append(f"  latency {state.latency_p50_milliseconds:.0f}/{state.latency_p95_milliseconds or 0.0:.0f} ms")
    if state.cpu_celsius is not None:
        line.append(f"  {state.cpu_celsius:.0f} C")
    for complaint in _complaints(state):
        line.append("  ")
        line.append(_clean(complaint), _ALARM)
    return line


def _complaints(state: StateHeard) -> list[str]:
    queue = state.queue
    told = ["throttled"] if state.throttled else []
    told += [f"{queue.waiting + queue.spooled} waiting"] if queue.waiting + queue.spooled > 0 else []
    told += [f"{queue.dropped + queue.spool_dropped} lost"] if queue.dropped + queue.spool_dropped > 0 else []
    return told + ([queue.spool_error] if queue.spool_error else [])


def _cameras(
    cameras: Sequence[tuple[str, DeviceView, str]], room: int, width: int, *, ascii_only: bool, many: bool
) -> list[Text]:
    whole = room >= len(cameras) * (2 + len(EMOTIONS))
    each = 2 + len(EMOTIONS) if whole else 2
    fit = len(cameras) if len(cameras) * each <= room else max(0, (room - 1) // each)
    lines = []
    for name, device, camera in cameras[:fit]:
        view = device.cameras[camera]
        lines.append(_camera(f"{name}/{camera}" if many else camera, camera, device, view))
        mood = view.room if view.room is not None and view.room.emotion and view.online is not False else None
        if whole:
            lines += _bars(mood, width, ascii_only=ascii_only)
            lines.append(Text())
        else:
            lines.append(_strip(mood, width))
    if fit < len(cameras):
        lines.append(Text(f"{len(cameras) - fit} more cameras: the terminal is too small for them", _DIM))
    return lines


def _camera(label: str, camera: str, device: DeviceView, view: CameraView) -> Text:
    line = Text(_clean(label), _BOLD)
    line.append("  ")
    line.append(*_availability(online=view.online if device.online is not False else False))
    if view.room is not None:
        line.append(f"  {view.room.faces} face{'s' if view.room.faces != 1 else ''}")
        if view.room.emotion:
            line.append(f"  {_clean(view.room.emotion)} {view.room.confidence or 0.0:.0%}", _BOLD)
    health = device.state.cameras.get(camera) if device.state else None
    if health is not None:
        line.append(f"  {health.frames_per_second:.1f} fps  {health.dropped} dropped")
        line.append("  paused" if health.paused else "", _ALARM)
        line.append(f"  {_clean(health.reason)}" if health.reason else "", _DIM)
    return line


def _bars(mood: RoomState | None, width: int, *, ascii_only: bool) -> list[Text]:
    """One bar for each emotion; empty ones where nobody is in view, so that nothing jumps."""
    longest = max(width - _NAME_COLUMNS - 8, 1)
    lines = []
    for emotion in reversed(STACK):
        share = min(max(mood.scores.get(emotion, 0.0), 0.0), 1.0) if mood else 0.0
        filled = round(share * longest)
        line = Text(f"  {emotion:<{_NAME_COLUMNS}}", _BOLD if mood and mood.emotion == emotion else "")
        line.append(("#" if ascii_only else "\u2588") * filled, Style(color=INKS[emotion].colour))
        line.append(("." if ascii_only else "\u2500") * (longest - filled), _DIM)
        line.append(f" {share:4.0%}" if mood else "    -")
        lines.append(line)
    return lines


def _strip(mood: RoomState | None, width: int) -> Text:
    """All emotions in one line, as wide as their shares, each with as much of its name as fits."""
    line = Text("  ")
    if mood is None:
        return line
    left = 0.0
    for emotion in reversed(STACK):
        right = left + min(max(mood.scores.get(emotion, 0.0), 0.0), 1.0) * (width - 4)
        columns = round(right) - round(left)
        ink = INKS[emotion]
        line.append(emotion[:columns].ljust(columns), Style(color="white" if ink.dark else "black", bgcolor=ink.colour))
        left = right
    return line


def _events(view: View, lines: int) -> list[Text]:
    if lines <= 1:
        return []
    told = [Text("last events" if view.events else "no event yet", _DIM)]
    for time, camera, words in list(view.events)[: lines - 1]:
        line = Text(f"{time}  ", _DIM)
        line.append(_clean(camera), _BOLD)
        line.append(f"  {_clean(words)}")
        told.append(line)
    return told


def _availability(*, online: bool | None) -> tuple[str, Style]:
    if online is None:
        return "unknown", _DIM
    return ("online", Style()) if online else ("offline", _ALARM)


def _clean(words: str) -> str:
    # What comes from a broker must not steer the terminal.
    return "".join(letter if letter.isprintable() else "?" for letter in words)
