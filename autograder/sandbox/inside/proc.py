"""What `/proc` tells of a process, taken from all its threads: the first may have ended while others run."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import NamedTuple

TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_DEAD = "ZX"


class Usage(NamedTuple):
    """Threads that live and processor time of a process: with that of the children it reaped, and its own."""

    threads: int
    cpu_s: float
    own_cpu_s: float


def exists(pid: int) -> bool:
    """Whether there is such a process, dead or alive."""
    return bool(_fields_after_name(f"{pid}"))


def is_dead(pid: int) -> bool:
    """Whether no thread of the process runs any more."""
    return not _living_threads(pid)


def usage(pid: int) -> Usage:
    """What the process uses of threads and time; nothing when it is dead."""
    fields = _fields_after_name(f"{pid}")
    if len(fields) < 18:
        return Usage(0, 0.0, 0.0)
    threads = int(fields[17]) if fields[0] not in _DEAD else len(_living_threads(pid))
    ticks = [int(field) for field in fields[11:15]]
    return Usage(threads, sum(ticks) / TICKS_PER_S, sum(ticks[:2]) / TICKS_PER_S)


def waited_s(pid: int) -> dict[int, float]:
    """By thread of the process: for how many seconds it was ready to run and had no processor."""
    told = {thread: _read(f"{pid}/task/{thread}/schedstat") for thread in _threads(pid)}
    return {thread: wait_told_s(schedstat) for thread, schedstat in told.items() if schedstat}


def wait_told_s(schedstat: str) -> float:
    """For how many seconds a thread was ready to run and had no processor, as its `schedstat` tells.

    >>> wait_told_s("7000000000 1500000000 12")
    1.5
    """
    return int(schedstat.split()[1]) / 1e9


def parent_of(pid: int) -> int:
    """The parent's number; 0 when there is no such process."""
    fields = _fields_after_name(f"{pid}")
    return int(fields[1]) if len(fields) > 1 else 0


def group_of(pid: int) -> int:
    """The process group; 0 when there is no such process."""
    fields = _fields_after_name(f"{pid}")
    return int(fields[2]) if len(fields) > 2 else 0


def process_of(thread: int) -> int:
    """The process that a thread belongs to; 0 when there is none."""
    for line in _read(f"{thread}/status").splitlines():
        if line.startswith("Tgid:"):
            return int(line.split()[1])
    return 0


def status_bytes(pid: int) -> int:
    """Private and shared memory of one process, swapped out too, without what is mapped from files."""
    text = _read_of_any_thread(pid, "status", "RssAnon:")
    return _kilobytes(text, "RssAnon:", "RssShmem:", "VmSwap:") * 1024


def proportional_bytes(pid: int) -> int | None:
    """The process's memory, each shared page counted by its share; None where that cannot be read."""
    text = _read_of_any_thread(pid, "smaps_rollup", "Pss:")
    if not text:
        return 0 if is_dead(pid) else None
    return _kilobytes(text, "Pss:", "SwapPss:") * 1024


def nameless_bytes(pid: int) -> int:
    """Size of files that have no name any more but are open or mapped."""
    sizes: dict[tuple[int, int], int] = {}
    for thread in _living_threads(pid)[:1]:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{thread}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{thread}/fd/{name}")
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                        sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
    mapped = 0
    for line in _read_of_any_thread(pid, "maps", "-").splitlines():
        if line.endswith("(deleted)"):
            low, high = (int(word, 16) for word in line.split(maxsplit=1)[0].split("-"))
            mapped += high - low
    return sum(sizes.values()) + mapped


def descendants(root: int) -> list[int]:
    """Children, their children and so on; orphans come back to the keeper, which is their subreaper."""
    found: list[int] = []
    queue = [root]
    while queue:
        pid = queue.pop()
        for thread in _threads(pid):
            children = [int(word) for word in _read(f"{pid}/task/{thread}/children").split()]
            found += children
            queue += children
    return found


def _kilobytes(text: str, *names: str) -> int:
    """The sum of these fields of `status` or `smaps_rollup`."""
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(names))


def _threads(pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def _living_threads(pid: int) -> list[int]:
    """Numbers of the threads that run, the first one of the process first."""
    living = []
    for thread in sorted(_threads(pid), key=lambda thread: thread != pid):
        fields = _fields_after_name(f"{pid}/task/{thread}")
        if fields and fields[0] not in _DEAD:
            living.append(thread)
    return living


def _read_of_any_thread(pid: int, name: str, mark: str) -> str:
    """The file of the process; where its first thread has ended, of one that has not: memory is shared."""
    text = _read(f"{pid}/{name}")
    if mark in text:
        return text
    for thread in _living_threads(pid):
        text = _read(f"{pid}/task/{thread}/{name}")
        if mark in text:
            return text
    return ""


def _read(path: str) -> str:
    try:
        with open(f"/proc/{path}", encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _fields_after_name(path: str) -> list[str]:
    # The name in parentheses is the process's own choice, and may hold spaces and parentheses.
    return _read(f"{path}/stat").rpartition(")")[2].split()
