"""Stops student code in its own process, so that the report can name the line; the hard limit is outside."""

from __future__ import annotations

import contextlib
import signal
import time
import types
from collections.abc import Callable, Iterator
from typing import NoReturn

# Each timer counts another kind of time, has a signal, and a clock of that kind of time.
_TIMERS: tuple[tuple[int, int, Callable[[], float]], ...] = (
    (signal.ITIMER_PROF, signal.SIGPROF, time.process_time),
    (signal.ITIMER_REAL, signal.SIGALRM, time.monotonic),
)
_SOON_S = 0.001


class OutOfTime(BaseException):
    """The time of this cell or call is over."""


def prepare() -> None:
    """Let no timer end the process: both signals raise `OutOfTime`."""
    for _, number, _ in _TIMERS:
        signal.signal(number, _stop)


@contextlib.contextmanager
def deadline(processor_s: float, wall_s: float) -> Iterator[None]:
    """Raise `OutOfTime` where the code is after so much processor time, or so much wall time.

    One in another keeps that one's time: a call in a function that a call was given.
    """
    prepare()
    starts = [clock() for _, _, clock in _TIMERS]
    seconds = (processor_s, wall_s)
    outer = [signal.setitimer(timer, left)[0] for (timer, _, _), left in zip(_TIMERS, seconds, strict=True)]
    try:
        yield
    finally:
        for (timer, _, clock), start, outer_s in zip(_TIMERS, starts, outer, strict=True):
            left_s = max(outer_s - (clock() - start), _SOON_S) if outer_s else 0.0
            signal.setitimer(timer, left_s)


def _stop(_: int, __: types.FrameType | None) -> NoReturn:
    raise OutOfTime("stopped: the time limit is over")
