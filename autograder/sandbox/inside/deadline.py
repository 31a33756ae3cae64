"""Stops student code in its own process, so that the report can name the line; the hard limit is outside."""

from __future__ import annotations

import contextlib
import signal
import time
import types
from collections.abc import Callable, Iterator
from os import getpid
from time import monotonic, process_time

from .run_queue import RunQueue, waited_since_birth_s

# Each timer counts another kind of time, has a signal, and a clock of that kind of time.
_TIMERS: tuple[tuple[int, int, Callable[[], float]], ...] = (
    (signal.ITIMER_PROF, signal.SIGPROF, time.process_time),
    (signal.ITIMER_REAL, signal.SIGALRM, time.monotonic),
)
_SOON_S = 0.001
_WORTH_ASKING_S = 0.25  # of the clock's time
_AGAIN_S = 0.02  # after which a wait is looked at again, at the earliest


class OutOfTime(BaseException):
    """The time of this cell or call is over."""


class Used:
    """The time that a cell or call has used.

    Parameters
    ----------
    most_s, wall_s : float
        What it may use, and how long it may take by the clock.
    counts_waiting : bool
        Whether it uses time while it waits, for anything but a processor.
    outer : Used or None
        That of the call that this one is part of.

    Attributes
    ----------
    waited_s : float
        How long it may have waited for a processor; 0 for what took no time worth asking, and while it runs.
    """

    def __init__(self, most_s: float, wall_s: float, counts_waiting: bool, outer: Used | None) -> None:
        self._most_s, self._wall_s, self.outer = most_s, wall_s, outer
        self._start, self._start_processor = monotonic(), process_time()
        self._queue = RunQueue() if counts_waiting else None
        self._others_s = 0.0  # in which the test ran, and not the student's code
        self._wakes = 0
        self.waited_s = 0.0

    def seconds(self) -> float:
        """What was used so far."""
        processor_s = process_time() - self._start_processor
        if self._queue is None:
            return processor_s
        elapsed_s = monotonic() - self._start - self._others_s
        return max(processor_s, elapsed_s - self._queue.waited_s(self._wakes))

    def first_look_s(self) -> float:
        """When the clock may have ended it, at the earliest."""
        return self._wall_s if self._queue is None else min(self._wall_s, self._most_s)

    def left_s(self) -> float:
        """Seconds until the clock may have ended it; 0 when it has."""
        self._wakes += 1
        by_clock_s = self._wall_s - (monotonic() - self._start)
        if self._queue is not None and by_clock_s > _SOON_S:
            unused_s = self._most_s - self.seconds()
            return max(0.0, min(by_clock_s, max(unused_s, _AGAIN_S))) if unused_s > _SOON_S else 0.0
        return by_clock_s if by_clock_s > _SOON_S else 0.0

    def end(self) -> None:
        """Find out how long it may have waited: what this process waited since it was last asked."""
        global _asked_s, _asked_in
        if monotonic() - self._start >= _WORTH_ASKING_S:
            told_s, process = waited_since_birth_s(), getpid()
            before_s = _asked_s if _asked_in == process else 0.0  # a fork begins anew
            self.waited_s, _asked_s, _asked_in = max(0.0, told_s - before_s), told_s, process

    def leave_out(self, seconds: float) -> None:
        """Do not count so much of the clock's time, here and in the calls that this one is part of."""
        self._others_s += seconds
        if self.outer is not None:
            self.outer.leave_out(seconds)


_now: Used | None = None
_asked_s, _asked_in = 0.0, 0  # what this process had waited when it was last asked, and its number


def prepare() -> None:
    """Let no timer end the process: both signals raise `OutOfTime`."""
    for _, number, _ in _TIMERS:
        signal.signal(number, _stop)


@contextlib.contextmanager
def deadline(processor_s: float, wall_s: float, *, counts_waiting: bool = False) -> Iterator[Used]:
    """Raise `OutOfTime` where the code is after so much processor time, or so much wall time.

    One in another keeps that one's time: a call in a function that a call was given.

    Parameters
    ----------
    counts_waiting : bool
        Time that the code waits is like processor time; not where it waits for a processor.
    """
    global _now
    prepare()
    starts = [clock() for _, _, clock in _TIMERS]
    used = Used(processor_s, wall_s, counts_waiting, _now)
    seconds = (processor_s, used.first_look_s())
    _now = used
    outer = [signal.setitimer(timer, left)[0] for (timer, _, _), left in zip(_TIMERS, seconds, strict=True)]
    try:
        yield used
    finally:
        _now = used.outer
        used.end()
        for (timer, _, clock), start, outer_s in zip(_TIMERS, starts, outer, strict=True):
            left_s = max(outer_s - (clock() - start), _SOON_S) if outer_s else 0.0
            signal.setitimer(timer, left_s)


@contextlib.contextmanager
def left_out() -> Iterator[None]:
    """Do not count the clock's time in the block: the test is at work, the student's code waits for it."""
    start = monotonic()
    try:
        yield
    finally:
        if _now is not None:
            _now.leave_out(monotonic() - start)


def _stop(number: int, _: types.FrameType | None) -> None:
    if number == signal.SIGALRM and _now is not None and (left_s := _now.left_s()):
        signal.setitimer(signal.ITIMER_REAL, left_s)
        return
    raise OutOfTime("stopped: the time limit is over")
