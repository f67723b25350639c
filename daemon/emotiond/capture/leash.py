"""A child process that ends with us, whatever ends us, and that is killed when it keeps us waiting.

As a program, ``python -m emotiond.capture.leash COMMAND …`` ties itself to its parent and becomes the command.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import IO, Final, cast

#: Of the kernel's linux/prctl.h.
_PR_SET_PDEATHSIG: Final = 1
#: A pipe this large takes most of a picture at once; a machine that allows less gives less.
_PIPE_BYTES: Final = 1 << 20
#: A child that says more than this is forgotten what it said.
_MOST_WORDS_BYTES: Final = 1 << 16


class GoneError(Exception):
    """The child has ended; the message says how."""


class Leash:
    """A child that writes and is read with a deadline; belongs to the thread that made it, and ends with it.

    Raises ``GoneError`` where it cannot even be started.
    """

    def __init__(self, command: Sequence[str], order: bytes = b"", *, stdin: int = subprocess.DEVNULL) -> None:
        """Start ``command``; it finds ``order`` behind the file descriptor that is its last argument."""
        # In memory, so that whatever a program says can neither block it nor touch the disk.
        self._words = os.memfd_create("words")
        source, sink = os.pipe()
        try:
            os.write(sink, order)
        finally:
            os.close(sink)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *command, *([str(source)] if order else [])],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=self._words,
                bufsize=0,
                pass_fds=(source,) if order else (),
                # What is typed at our terminal is not meant for it: we end it ourselves.
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._words)
            raise GoneError(f"cannot be started: {error.strerror}") from error
        finally:
            os.close(source)
        self._out = cast("IO[bytes]", self._process.stdout)
        self._fd = self._out.fileno()
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def fill(self, buffer: memoryview, deadline_seconds: float) -> None:
        """Read until ``buffer`` is full; raise ``TimeoutError`` past the deadline of the monotonic clock, or ``GoneError``."""
        self._trim()
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        filled = 0
        while filled < len(buffer):
            if not poll.poll(max(0.0, deadline_seconds - time.monotonic()) * 1000.0):
                raise TimeoutError
            count = os.readv(self._fd, [buffer[filled:]])
            if count == 0:
                raise GoneError(self._how_it_ended())
            filled += count

    def kill(self) -> None:
        """End the child at once; harmless when it has ended."""
        self._process.kill()
        self._process.wait()
        self._out.close()
        os.close(self._words)

    def last_words(self) -> str:
        """Return the last line that the child wrote to its standard error."""
        size = os.fstat(self._words).st_size
        lines = os.pread(self._words, 4096, max(0, size - 4096)).decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _trim(self) -> None:
        if os.fstat(self._words).st_size > _MOST_WORDS_BYTES:
            # The child writes through the same open file: its place in it moves with ours.
            os.ftruncate(self._words, 0)
            os.lseek(self._words, 0, os.SEEK_SET)

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "closed its output"
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        words = self.last_words()
        return f"ended with code {code}" + (f": {words}" if words else "")


def tie() -> None:
    """Let the kernel kill this process when the thread that started it is gone."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main() -> None:
    """Become the command that the arguments name."""
    tie()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - no shell, and the command is the caller's


if __name__ == "__main__":
    main()
