"""Runs a job beside the notebook: in a daemon thread, or in an asyncio task where there are no threads.

A job is a generator that yields the seconds until its next step; between two steps the driver checks `stop`.
Showing a lab starts nothing: only `start` and `run` do.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

from init_utils.lab.session import LabSession

FRAMES_PER_SECOND = 30
Job = Iterator[float]


class Driver:
    """One job at a time.

    Attributes
    ----------
    stop : threading.Event
        Set while the job is asked to end; jobs pass it on to what takes long.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._task: asyncio.Task[None] | None = None
        self._here = threading.local()

    @property
    def in_job(self) -> bool:
        """Whether this is the thread of a job of this driver."""
        return getattr(self._here, "is_job", False)

    @property
    def running(self) -> bool:
        """Whether a job is under way."""
        thread, task = self._thread, self._task
        return (thread is not None and thread.is_alive()) or (task is not None and not task.done())

    def start(self, job: Job) -> None:
        """Begin the job and return at once.

        Parameters
        ----------
        job : iterator of float
            Seconds to wait before the next step, 0 for none.
        """
        self.halt()
        self.stop.clear()
        thread = threading.Thread(target=self._work, args=(job,), name="init_utils.lab", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no threads here (Pyodide)
            self._task = asyncio.ensure_future(self._work_as_task(job))
        else:
            self._thread = thread

    def run(self, job: Job) -> None:
        """Do the whole job here, without its pauses, and return when it has ended."""
        self.halt()
        self.stop.clear()
        for _ in job:
            pass

    def halt(self) -> None:
        """Ask the job to end and wait until it has; called from within the job it only asks."""
        self.stop.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _work(self, job: Job) -> None:
        self._here.is_job = True
        for pause in job:
            if self.stop.wait(pause) if pause > 0 else self.stop.is_set():
                return

    async def _work_as_task(self, job: Job) -> None:
        for pause in job:
            if self.stop.is_set():
                return
            await asyncio.sleep(max(pause, 0.001))


def training_job(session: LabSession, publish: Callable[[], None], stop: threading.Event) -> Job:
    """Train to the end at the session's pace, and `publish` at most `FRAMES_PER_SECOND` times a second.

    Parameters
    ----------
    publish : callable
        Shows what is new; called once more at the end.
    stop : threading.Event
        Ends the job within a few milliseconds; the code that sets it then shows what is new.
    """
    interval = 1 / FRAMES_PER_SECOND
    began, first = time.perf_counter(), session.iteration
    while not session.finished and not stop.is_set():
        tick = time.perf_counter()
        pace, iterations = session.settings.pace, session.settings.iterations
        due = iterations
        if pace > 0:
            due = first + int((tick - began + interval) / pace * iterations) + 1
        session.advance(due - session.iteration, stop, deadline=tick + interval)
        if stop.is_set():
            return
        publish()
        yield max(0.0, tick + interval - time.perf_counter())
