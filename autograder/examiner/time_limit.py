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
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the block after `seconds`, and every second from then on.

    Only in the main thread of a system with interval timers; elsewhere the worker's parent ends the process.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def ring(number: int, frame: types.FrameType | None) -> None:
        if armed:
            raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
