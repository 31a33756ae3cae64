"""A bound on the processor time that a renderer takes for a stranger's text."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

TEXT_S = 1.0  # processor time that one text may take
_UNTIMED_CHARACTERS = 5_000  # rendered where time cannot be limited: outside the main thread, on Windows

T = TypeVar("T")


class TooSlowError(Exception):
    """The time was up."""


def within(seconds: float, render: Callable[[str], T], text: str) -> T:
    """What `render` makes of `text`.

    Raises
    ------
    TooSlowError
        It took more processor time than `seconds`; where that cannot be limited, the text is long.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        if len(text) > _UNTIMED_CHARACTERS:
            raise TooSlowError
        return render(text)
    running = True

    def stop(number: int, frame: FrameType | None) -> None:
        if running:
            raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.05)
        return render(text)
    finally:
        running = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
