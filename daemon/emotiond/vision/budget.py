"""How much time a frame has, and how many faces can be read in what is left of it."""

from __future__ import annotations

from typing import Final

#: What a face costs before one was measured.
FIRST_GUESS_SECONDS: Final = 0.002
#: Weight of a new measurement, and how far one may lie off the estimate: a pause of the machine says nothing.
LEARN_SHARE: Final = 0.1
LARGEST_STEP: Final = 3.0
#: Debts beyond this many frames are forgotten: whoever is that late has dropped frames.
LONGEST_DEBT_FRAMES: Final = 3.0


class Cost:
    """The running estimate of what one face costs; shared by all whose faces one reader reads."""

    def __init__(self) -> None:
        #: Seconds per face.
        self.seconds = FIRST_GUESS_SECONDS

    def learn(self, faces: int, seconds: float) -> None:
        """Take in that ``faces`` took ``seconds`` together."""
        if faces > 0:
            each = min(max(seconds / faces, self.seconds / LARGEST_STEP), self.seconds * LARGEST_STEP)
            self.seconds += LEARN_SHARE * (max(each, 1e-6) - self.seconds)


class Budget:
    """The time that one camera's frames may take, ``frame_seconds`` each; None is all the time that they need.

    A frame that took longer is a debt that the next ones pay; time that was not needed is not saved up. The moments
    come from outside, from any clock that only goes forward.
    """

    def __init__(self, frame_seconds: float | None, cost: Cost) -> None:
        self._frame_seconds = frame_seconds
        self._cost = cost
        self._debt_seconds = 0.0
        self._began_seconds = 0.0

    @property
    def limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._frame_seconds is not None

    def begin(self, now_seconds: float) -> None:
        """Begin a frame."""
        self._began_seconds = now_seconds

    def affordable(self, now_seconds: float) -> int:
        """Return how many faces can still be read in this frame: at least one, or nobody would ever be."""
        if self._frame_seconds is None:
            raise ValueError("a budget without a limit affords everybody")
        left = self._frame_seconds - self._debt_seconds - (now_seconds - self._began_seconds)
        return max(1, int(left / self._cost.seconds))

    def end(self, now_seconds: float) -> None:
        """End the frame."""
        if self._frame_seconds is not None:
            spent = now_seconds - self._began_seconds
            debt = max(0.0, self._debt_seconds + spent - self._frame_seconds)
            self._debt_seconds = min(debt, LONGEST_DEBT_FRAMES * self._frame_seconds)
