"""A bound on the processor time that a renderer takes for a stranger's text."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
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
    with _dropped_without_a_word():
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.05)
            return render(text)
        finally:
            running = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def _dropped_without_a_word() -> Iterator[None]:
    """Report no `TooSlowError` that Python drops.

    It does so where the signal comes in a finalizer or a weak reference's callback; the next one ends it.
    """
    before = sys.unraisablehook

    def hook(dropped: sys.UnraisableHookArgs) -> None:
        if not isinstance(dropped.exc_value, TooSlowError):
            before(dropped)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
