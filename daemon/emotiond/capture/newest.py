"""Reads ahead of a slow decoder, so that it always works on the newest picture."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator

import av
import av.error
from av.video.stream import VideoStream


def newest(packets: Iterator[av.Packet[VideoStream]]) -> Iterator[tuple[bytes, float, int]]:
    """Yield the newest packet, when it came, and how many that had come before it meanwhile were left out.

    What reading the packets raises, this raises once the last packet has been taken.
    """
    slot: deque[tuple[bytes, float, int]] = deque(maxlen=1)
    came = threading.Semaphore(0)
    failure: list[av.error.FFmpegError] = []
    over = threading.Event()

    def read() -> None:
        try:
            for number, packet in enumerate(packets, start=1):
                slot.append((bytes(packet), time.monotonic(), number))
                came.release()
        except av.error.FFmpegError as error:
            failure.append(error)
        finally:
            over.set()
            came.release()

    threading.Thread(target=read, name="read-ahead", daemon=True).start()
    taken = 0
    while True:
        came.acquire()
        try:
            code, arrival, number = slot.popleft()
        except IndexError:
            if over.is_set():
                break
            continue
        yield code, arrival, number - taken - 1
        taken = number
    if failure:
        raise failure[0]
