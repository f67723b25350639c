"""From a stream's own time to the time of capture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A camera's clock may run this much slower or faster than ours.
DRIFT: Final = 1e-3
#: A stream's time that goes back further than this, or forth by so much more than ours, begins anew.
BACK_SECONDS: Final = 0.5
FORTH_SECONDS: Final = 5.0


@dataclass
class Timing:
    """Maps a stream's time to the monotonic clock: the picture that came fastest was not late at all.

    A picture that waited somewhere on its way so gets the time at which it would have come without.
    """

    _offset_seconds: float = 0.0
    _stream_seconds: float | None = None
    _arrival_seconds: float = 0.0

    def taken(self, stream_seconds: float | None, arrival_seconds: float) -> float:
        """Return when a picture was taken, by the monotonic clock, never later than it arrived."""
        if stream_seconds is None:
            return arrival_seconds
        offset = arrival_seconds - stream_seconds
        elapsed = arrival_seconds - self._arrival_seconds
        step = stream_seconds - (stream_seconds if self._stream_seconds is None else self._stream_seconds)
        if self._stream_seconds is None or not -BACK_SECONDS <= step <= elapsed + FORTH_SECONDS:
            self._offset_seconds = offset
        else:
            self._offset_seconds = min(offset, self._offset_seconds + DRIFT * elapsed)
        self._stream_seconds, self._arrival_seconds = stream_seconds, arrival_seconds
        return stream_seconds + self._offset_seconds
