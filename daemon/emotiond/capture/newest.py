"""Reads ahead of a slow decoder, so that it always works on the newest picture."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator

import av
import av.error
from av.video.stream import VideoStream


def newest(packets: Iterator[av.Packet[VideoStream]]) -> Iterator[tuple[bytes, float]]:
    """Yield the newest packet and when it came; those that came before it meanwhile are left out.

    What reading the packets raises, this raises once the last packet has been taken.
    """
    slot: deque[tuple[bytes, float]] = deque(maxlen=1)
    came = threading.Semaphore(0)
    failure: list[av.error.FFmpegError] = []
    over = threading.Event()

    def read() -> None:
        try:
            for packet in packets:
                slot.append((bytes(packet), time.monotonic()))
                came.release()
        except av.error.FFmpegError as error:
            failure.append(error)
        finally:
            over.set()
            came.release()

    threading.Thread(target=read, name="read-ahead", daemon=True).start()
    while True:
        came.acquire()
        try:
            yield slot.popleft()
        except IndexError:
            if over.is_set():
                break
    if failure:
        raise failure[0]
