"""Looks at a running grader from outside: its processes, their memory and descriptors, its files.

`Watch` samples beside the run. A process counts as long-lived that was there in half of the samples or more;
its role follows from what it runs and from its parent's.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.process_tree import usage_s

BETWEEN_S = 1.0
STARTED_S = 30.0  # of a process: then it has opened what it keeps
_WORKER, _ZYGOTE = "autograder.grading.worker", "inside.zygote"


@dataclass(frozen=True)
class One:
    """One process at one moment: its role, resident memory and open descriptors."""

    role: str
    memory_bytes: int
    descriptors: int


@dataclass(frozen=True)
class Sample:
    """All that a run has at one moment.

    Attributes
    ----------
    seconds : float
        Since the watch began.
    done : int
        Results on the disk.
    processes : mapping of (int, float) to One
        By process id and time of its start.
    files : int
        In the folder for temporary files.
    gradebook_bytes : int
    kept_files : int
        In the folder for caches.
    cpu_s : float or None
        Of all processes since the start, those that have ended too; None where no cgroup counts them.
    coordinator_s : float
        CPU seconds of the first process alone.
    """

    seconds: float
    done: int
    processes: Mapping[tuple[int, float], One]
    files: int
    gradebook_bytes: int
    kept_files: int = 0
    cpu_s: float | None = None
    coordinator_s: float = 0.0


@dataclass(frozen=True)
class Lived:
    """A long-lived process early and late, after it has warmed up.

    Medians of the memory in its first and last quarter, and the fewest descriptors of each half: how many a
    submission takes for a while says nothing, and what leaks stays.
    """

    role: str
    first_bytes: float
    last_bytes: float
    first_descriptors: float
    last_descriptors: float


class Watch:
    """Samples of one run until it is stopped.

    Parameters
    ----------
    pid : int
        The run's first process.
    results, temporary, caches, gradebook : Path
    group : Path or None
        The cgroup that the run is in.
    tell : callable
        Given each sample as it is taken.
    """

    def __init__(
        self,
        pid: int,
        results: Path,
        temporary: Path,
        caches: Path,
        gradebook: Path,
        group: Path | None,
        tell: Callable[[Sample], None] = lambda sample: None,
    ) -> None:
        self._pid, self._results, self._gradebook = pid, results, gradebook
        self._temporary, self._caches, self._group = temporary, caches, group
        self._tell = tell
        self._started = time.monotonic()
        self._over = threading.Event()
        self.samples: list[Sample] = []
        self.seen: set[tuple[int, float]] = set()  # every process that there was in some sample
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more samples."""
        self._over.set()
        self._thread.join()

    def left_running(self, patience_s: float = 20.0) -> list[str]:
        """Commands of processes that are still there so many seconds after the run has ended."""
        until = time.monotonic() + patience_s
        while left := [process for key in self.seen if (process := _alive(key)) is not None]:
            if time.monotonic() > until:
                return [str(process) for process in left]
            time.sleep(0.2)
        return []

    def _run(self) -> None:
        while not self._over.wait(BETWEEN_S):
            try:
                sample = self._look()
            except psutil.NoSuchProcess:
                return
            self.samples.append(sample)
            self._tell(sample)

    def _look(self) -> Sample:
        found: dict[tuple[int, float], One] = {}
        coordinator = psutil.Process(self._pid)
        own = coordinator.cpu_times()
        waiting = [(coordinator, "coordinator")]
        while waiting:
            process, role = waiting.pop()
            try:
                with process.oneshot():
                    key = (process.pid, process.create_time())
                    self.seen.add(key)
                    if process.status() != psutil.STATUS_ZOMBIE:
                        found[key] = One(role, process.memory_info().rss, process.num_fds())
                children = process.children()
            except psutil.Error:
                continue
            waiting += [(child, _role_of(child, role)) for child in children]
        return Sample(
            time.monotonic() - self._started,
            done_in(self._results),
            found,
            _count(self._temporary),
            self._gradebook.stat().st_size if self._gradebook.is_file() else 0,
            _count(self._caches),
            usage_s(self._group) if self._group else None,
            own.user + own.system,
        )


def _count(folder: Path) -> int:
    return sum(len(folders) + len(files) for _, folders, files in os.walk(folder))


def done_in(results: Path) -> int:
    """How many results lie in a folder."""
    return sum(1 for _ in results.glob("*.json"))


def lived(samples: Sequence[Sample]) -> list[Lived]:
    """Every long-lived process, by role, from the fifth result that came in these samples on to the last."""
    begin, end = samples[0].done + 5, samples[-1].done
    warm = [one for one in samples if begin <= one.done < end]
    found = []
    for key in {key for sample in warm for key in sample.processes}:
        begun_s = next(sample.seconds for sample in samples if key in sample.processes)
        alive = [
            sample.processes[key]
            for sample in warm
            if key in sample.processes and sample.seconds >= begun_s + STARTED_S
        ]
        quarter = len(alive) // 4
        if len(alive) < max(4, len(warm) / 2):
            continue
        first, last = alive[:quarter], alive[-quarter:]
        found.append(
            Lived(
                alive[0].role,
                statistics.median(one.memory_bytes for one in first),
                statistics.median(one.memory_bytes for one in last),
                min(one.descriptors for one in alive[: len(alive) // 2]),
                min(one.descriptors for one in alive[len(alive) // 2 :]),
            )
        )
    return sorted(found, key=lambda one: one.role)


def _role_of(process: psutil.Process, parents: str) -> str:
    """The role of a process, by its parent's."""
    try:
        words = " ".join(process.cmdline())
        if parents == "coordinator":
            return "worker" if _WORKER in words else "program"
        if parents == "worker":
            return "launcher" if _ZYGOTE in words else "examiner"
        if parents == "launcher":
            return "zygote" if process.name().startswith("python") else "launcher"
    except psutil.Error:
        return "ended"
    return "box" if parents == "zygote" else parents


def _alive(key: tuple[int, float]) -> psutil.Process | None:
    try:
        process = psutil.Process(key[0])
        same = abs(process.create_time() - key[1]) < 0.5 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if same else None
