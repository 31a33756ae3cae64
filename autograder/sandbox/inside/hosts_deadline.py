"""In place of `deadline` where the host of the instance keeps time, and ends it: nothing here can."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from time import monotonic


class OutOfTime(BaseException):
    """Raised by nobody."""


class Used:
    """The time that a cell or call has used; this system tells no processor time."""

    waited_s = 0.0

    def __init__(self) -> None:
        self._start = monotonic()

    def seconds(self) -> float:
        """What was used so far."""
        return monotonic() - self._start


def prepare() -> None:
    """Nothing."""


@contextlib.contextmanager
def deadline(processor_s: float, wall_s: float, *, counts_waiting: bool = False) -> Iterator[Used]:
    """Count the time of the block."""
    yield Used()


@contextlib.contextmanager
def left_out() -> Iterator[None]:
    """Nothing."""
    yield
