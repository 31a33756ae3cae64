"""How long this process was ready to run and had no processor.

Linux counts it for each thread, in `/proc`. Where that is closed (tier `landlock`, macOS), and for threads
and children that have ended, it is at most so long for each time that the system has switched to another.
"""

from __future__ import annotations

import os
from math import inf
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import process_time, thread_time

from .proc import wait_told_s

MOST_WAIT_S = 0.25  # for one turn, on a machine with more to do than it can
_OF_OTHERS_S = 0.01  # processor time of other threads that is no work: they start, wake up and end
_MOST_PROCESSES = 64
_UNTOLD_S = 1e6


class RunQueue:
    """How long this process, its threads and children have waited for a processor since this was made."""

    def __init__(self) -> None:
        self._switches, self._reaped = _switches()
        self._others_s = _of_other_threads_s()
        self._waited_s = _told_s()

    def waited_s(self, wakes: int = 0) -> float:
        """Seconds; those of threads and children that ran side by side are added.

        Parameters
        ----------
        wakes : int
            How often a signal of ours has woken this process meanwhile.
        """
        switches, reaped = _switches()
        some_ended = reaped != self._reaped or _of_other_threads_s() - self._others_s > _OF_OTHERS_S
        if not some_ended and self._waited_s is not None and (told := _told_s()) is not None:
            return max(0.0, told - self._waited_s)
        if _has_children():
            return inf
        return MOST_WAIT_S * max(0, switches - self._switches + reaped - self._reaped - wakes)


def waited_since_birth_s() -> float:
    """How long this process and its children have waited for a processor; very long where nobody tells."""
    told = _told_s()
    return _UNTOLD_S if told is None else told


def _switches() -> tuple[int, int]:
    """How often this process, and how often the children that it has reaped, gave up a processor."""
    own, reaped = (getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    return own.ru_nvcsw + own.ru_nivcsw, reaped.ru_nvcsw + reaped.ru_nivcsw


def _of_other_threads_s() -> float:
    return process_time() - thread_time()


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _told_s() -> float | None:
    """What `/proc` says of all threads of this process and its descendants; None where it says nothing."""
    waited_s, processes = 0.0, ["self"]
    try:
        for process in processes:  # which grows meanwhile
            for thread in os.listdir(f"/proc/{process}/task"):
                of_thread = f"/proc/{process}/task/{thread}"
                waited_s += wait_told_s(_read(f"{of_thread}/schedstat"))
                processes += _read(f"{of_thread}/children").split()[: _MOST_PROCESSES - len(processes)]
    except (OSError, ValueError, IndexError):
        return None
    return waited_s


def _read(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 1 << 16).decode("ascii", "replace")
    finally:
        os.close(descriptor)
