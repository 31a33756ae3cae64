"""The time that a test cell has by itself."""

from __future__ import annotations

import contextlib
import signal
import threading
import types
from collections.abc import Iterator


class OutOfTime(BaseException):
    """Ends a test cell that takes too long by itself."""


@contextlib.contextmanager
def time_limit(processor_s: float, wall_s: float) -> Iterator[None]:
    """Raise `OutOfTime` in the block after so much processor time of this process, or so much by the clock.

    It is raised every second from then on.

    Only in the main thread of a system with interval timers; elsewhere the worker's parent ends the process.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def ring(number: int, frame: types.FrameType | None) -> None:
        if armed:
            raise OutOfTime

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, processor_s), (signal.SIGALRM, signal.ITIMER_REAL, wall_s))
    before = [(number, timer, signal.signal(number, ring)) for number, timer, _ in timers]
    for _, timer, seconds in timers:
        signal.setitimer(timer, seconds, 1.0)
    try:
        yield
    finally:
        armed = False
        for number, timer, handler in before:
            signal.setitimer(timer, 0.0)
            signal.signal(number, handler)
