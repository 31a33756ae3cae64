"""Whose turn it is at a lab: one thread at a time.

Three kinds of threads meet here: the notebook's, the one of a subshell, in which JupyterLab lets messages of
the front end be handled while a cell runs, and the thread of the lab's own job. The first two hold `_outside`
for a whole command, also while they wait for the job to end, so that two commands come one after the other.
Whoever reads or changes the state holds `_state`. The order is `_outside`, then `_state`; the job takes
`_state` alone, and gives up as soon as it is asked to stop. So a thread that holds both can wait for it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from types import TracebackType

from init_utils.lab.driver import Driver

ASKING_S = 0.005  # between two looks at whether the job is to stop


class Turns:
    """As a context manager: the state is this thread's. Taken again by the same thread it is no obstacle.

    Parameters
    ----------
    driver : Driver
        What runs the lab's job.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._outside = threading.RLock()
        self._state = threading.RLock()

    def __enter__(self) -> None:
        if not self._driver.in_job:
            self._outside.acquire()
        self._state.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._state.release()
        if not self._driver.in_job:
            self._outside.release()

    @contextlib.contextmanager
    def command(self) -> Iterator[None]:
        """No other command meanwhile; the job goes on, until it is halted. In the job itself: no effect."""
        if self._driver.in_job:
            yield
            return
        with self._outside:
            yield

    def from_job(self, act: Callable[[], None]) -> None:
        """Let the job act on the state; not at all once it is asked to stop."""
        while not self._state.acquire(timeout=ASKING_S):
            if self._driver.stop.is_set():
                return
        try:
            if not self._driver.stop.is_set():
                act()
        finally:
            self._state.release()
