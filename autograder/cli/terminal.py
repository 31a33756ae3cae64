"""A person's terminal: letters that it cannot show, a pipe that ends, Ctrl-C, a folder that takes nothing."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

# After Ctrl-C workers are asked to end; what has not ended by then ends with this process. What is on disk is
# whole at any moment, so nothing is lost.
_PATIENCE_S = 1.0
_ANSWER_S = 0.2  # in which the main thread answers a signal that it got itself
_STOPPED = "Stopped. What was finished is kept; the same command continues from there."
_SHOW_CURSOR = "\x1b[?25h"  # the progress bar hides it

_told = threading.Event()


def show_what_can_be_shown() -> None:
    """Show `?` for a letter that this terminal's encoding does not have, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextlib.contextmanager
def ctrl_c_answers_at_once() -> Iterator[None]:
    """In the block, Ctrl-C is answered when it is typed, and ends the program within a second."""
    _told.clear()
    is_ours = threading.current_thread() is threading.main_thread() and (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not is_ours:
        yield
        return
    signal.signal(signal.SIGINT, _stop)
    try:
        with _main_thread_hears():
            yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def _main_thread_hears() -> Iterator[None]:
    """In the block, Ctrl-C wakes the main thread from whatever it waits for.

    The system may give a signal to any thread, and only the main thread answers it: where another one gets it
    and the main thread waits in the system, nothing happened. So each signal is passed on to the main thread.
    """
    if not hasattr(signal, "pthread_kill"):
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    main = threading.get_ident()

    def pass_on() -> None:
        while numbers := os.read(reader, 64):
            if signal.SIGINT in numbers and not _told.wait(_ANSWER_S):
                signal.pthread_kill(main, signal.SIGINT)

    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    listener = threading.Thread(target=pass_on, daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)
        listener.join()
        os.close(reader)


def tell_of_stop() -> None:
    """Say, once, that the program was stopped, and what is kept."""
    if not _told.is_set():
        _told.set()
        print(f"\n{_STOPPED}", file=sys.stderr, flush=True)


def let_go_of_output() -> None:
    """Stop writing to a pipe that nobody reads: what is left in the buffer goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def unusable(error: OSError) -> str:
    """A sentence on a file or folder that cannot be read or written.

    >>> unusable(PermissionError(13, "Permission denied", "/course/release"))
    '/course/release: Permission denied. Check whose it is, and whether it may be written; what was finished
    is kept.'
    """
    where = f"{error.filename}: " if error.filename else ""
    return (
        f"{where}{error.strerror or error}. Check whose it is, and whether it may be written; what was "
        "finished is "
        "kept."
    )


def _stop(number: int, frame: Any) -> None:
    if _told.is_set():
        os._exit(128 + signal.SIGINT)
    patience = threading.Timer(_PATIENCE_S, os._exit, (128 + signal.SIGINT,))
    patience.daemon = True
    patience.start()
    with contextlib.suppress(RuntimeError):  # in the middle of another line
        if sys.stderr.isatty():
            sys.stderr.write(_SHOW_CURSOR)
        tell_of_stop()
    raise KeyboardInterrupt
