"""A class graded by `--dask` while machines come, go and are killed at random, beside the local run.

    python -m benchmarks.cluster_faults --seed 7 --submissions 60
    python -m benchmarks.cluster_faults --seed 7 --submissions 60 --mixture

The class is the small one of the tests over and over, or one of the soak's mixtures without training and
plots. A scheduler and workers of their own run on this machine. Every few results one of these happens: a
worker is killed, told to end or let go, one joins, the scheduler is killed and another one started in its
place, the coordinator is killed. What ended is started again, the coordinator with the same command, until
the class is graded. Told: each field but times in which a result or the gradebook differs from the local run,
results that were whole and were graded again, and processes that are left.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.cli import EXIT_USAGE
from autograder.course import Course
from autograder.sandbox import best_tier
from autograder.storage import stored_results
from autograder.verdicts import Status
from benchmarks import soak
from benchmarks.soak_run import Run, comparable, differences
from benchmarks.soak_submissions import submissions
from benchmarks.soak_watch import done_in
from tests import small_course

EVENTS = (
    *("kill a worker",) * 4,
    *("let a worker go", "join") * 2,
    "end a worker",
    "kill the scheduler",
    "kill the coordinator",
)
MOST_BETWEEN = 4  # results between two events
BETWEEN_S = 2.0  # at most, beyond that
MOST_WORKERS = 3
MOST_EVENTS = 40  # then the class may end in peace
MOST_STARTS = 100  # of the coordinator
PATIENCE_S = 60
_BY_THE_CLOCK = ("loop",)  # on a busy machine the words differ between two local runs, too
_TOLD = (
    "the cluster's scheduler is gone.",
    "no scheduler answers there.",
    "its scheduler has forgotten this run.",
)


class Machines:
    """A scheduler and its workers on this machine; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._environment = dict(os.environ) | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
        self.workers: list[subprocess.Popen[bytes]] = []
        self._ending: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()
        self.join()
        self.join()

    def __enter__(self) -> Machines:
        return self

    def __exit__(self, *exception: object) -> None:
        for one in (*self.workers, *self._ending, self.scheduler):
            one.kill()
            one.wait()

    def start_scheduler(self) -> None:
        """Start one at the address, which has forgotten everything."""
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", self._port)

    def join(self) -> None:
        """Let one more worker join."""
        folder = str(self._folder)
        self.workers.append(
            self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--local-directory", folder)
        )

    def leave(self, how: signal.Signals, which: int) -> None:
        """Have a worker end."""
        worker = self.workers.pop(which % len(self.workers))
        worker.send_signal(how)
        self._ending.append(worker)

    def let_go(self) -> None:
        """Have the scheduler let a worker go, as an adaptive cluster does."""
        from distributed import Client

        with (
            contextlib.suppress(OSError),  # the scheduler is just starting
            Client(self.address, timeout=PATIENCE_S, set_as_default=False) as client,
        ):
            client.retire_workers(n=1)

    def look_after(self) -> None:
        """Start what has ended of its own: workers whose scheduler is gone do."""
        self.workers = [one for one in self.workers if one.poll() is None]
        self._ending = [one for one in self._ending if one.poll() is None]
        while len(self.workers) < 1:
            self.join()

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, "--no-dashboard"]
        log = (self._folder / f"{what}s.log").open("ab")
        with log:
            return subprocess.Popen(
                program, cwd=soak.ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )


@dataclass(frozen=True)
class Class:
    """Whom to grade: a course made anew at a folder, and the assignment's name."""

    count: int
    seed: int
    is_mixture: bool

    @property
    def assignment(self) -> str:
        """The name of the assignment."""
        return soak.NAME if self.is_mixture else small_course.NAME

    def make(self, root: Path) -> Course:
        """The course with all that was handed in."""
        if self.is_mixture:
            return soak._make_course(root, list(submissions(self.count, self.seed, whole=False)))
        course = small_course.make_course(root / "course")
        kinds = [one for one in small_course.CLASS.items() if one[0] not in _BY_THE_CLOCK]
        for number in range(self.count):
            kind, (solution, *_) = kinds[number % len(kinds)]
            small_course.hand_in(course, f"{kind}-{number}", solution)
        return course


def graded(course: Course, assignment: str, tier: str, *words: str) -> subprocess.Popen[bytes]:
    """A run of the program, started; what it says is in `said.log` beside the course."""
    program = [sys.executable, "-m", "autograder", "grade", assignment, "--course", str(course.root)]
    with (course.root.parent / "said.log").open("wb") as log:
        return subprocess.Popen(
            [*program, "--isolation", tier, *words], cwd=soak.ROOT, stdout=log, stderr=log
        )


def taken(course: Course, assignment: str) -> Run:
    """What lies on the disk and in the gradebook."""
    stored = stored_results(course, assignment)
    results = {student: comparable(one.result.to_dict()) for student, one in stored.items()}
    return Run(results=results, points=soak._points(course, assignment))


def disturbed(root: Path, chosen: Class, tier: str) -> tuple[Run, Counter[str]]:
    """The run on machines that fail, and how often what happened."""
    numbers = random.Random(chosen.seed)
    course = chosen.make(root)
    results = course.results(chosen.assignment)
    happened, whole, again = Counter[str](), dict[str, str](), list[str]()
    with Machines(root) as machines:
        while True:
            if happened["start the coordinator"] == MOST_STARTS:
                raise SystemExit(f"{chosen}: not graded after {MOST_STARTS} starts of the coordinator")
            happened["start the coordinator"] += 1
            coordinator = graded(course, chosen.assignment, tier, "--dask", machines.address)
            while coordinator.poll() is None:
                _pause(coordinator, results, numbers)
                machines.look_after()
                if coordinator.poll() is None and happened.total() < MOST_EVENTS:
                    event = numbers.choice(EVENTS)
                    happened[event] += 1
                    _do(event, machines, coordinator, numbers.randrange(100))
            said = (root / "said.log").read_text()
            now = {name: one.result for name, one in stored_results(course, chosen.assignment).items()}
            again += [name for name, at in whole.items() if name not in now or now[name].graded_at != at]
            done = {name: one for name, one in now.items() if one.status is not Status.INTERNAL_ERROR}
            whole = {name: one.graded_at for name, one in done.items()}
            happened["set aside"] += len(now) - len(done)
            if coordinator.returncode in (0, 1) and len(now) == len(done):
                break
            is_told = coordinator.returncode == EXIT_USAGE and any(words in said for words in _TOLD)
            if not (is_told or coordinator.returncode in (0, 1, -signal.SIGKILL)):
                raise SystemExit(f"{chosen}: the program ended with {coordinator.returncode}: {said}")
    run = taken(course, chosen.assignment)
    run.graded_twice += again
    return run, happened


def _pause(coordinator: subprocess.Popen[bytes], results: Path, numbers: random.Random) -> None:
    """Wait until a few more results are there, and a moment longer; not for ever."""
    until = time.monotonic() + PATIENCE_S
    wanted = done_in(results) + numbers.randrange(MOST_BETWEEN + 1)
    while coordinator.poll() is None and done_in(results) < wanted and time.monotonic() < until:
        time.sleep(0.05)
    with contextlib.suppress(subprocess.TimeoutExpired):
        coordinator.wait(numbers.uniform(0, BETWEEN_S))


def _do(event: str, machines: Machines, coordinator: subprocess.Popen[bytes], which: int) -> None:
    if event == "kill the coordinator":
        coordinator.kill()
        coordinator.wait()
    elif event == "kill the scheduler":
        machines.scheduler.kill()
        machines.scheduler.wait()
        machines.start_scheduler()
    elif event == "join" and len(machines.workers) < MOST_WORKERS:
        machines.join()
    elif event == "let a worker go":
        machines.let_go()
    elif event in ("kill a worker", "end a worker"):
        machines.leave(signal.SIGKILL if event == "kill a worker" else signal.SIGTERM, which)
        if len(machines.workers) < MOST_WORKERS - 1:
            machines.join()


def left_running(root: Path) -> list[str]:
    """Processes that know this folder, a while after all has ended."""
    until = time.monotonic() + PATIENCE_S
    while True:
        left = [
            " ".join(one.info["cmdline"])[:200]
            for one in psutil.process_iter(["cmdline"])
            if str(root) in " ".join(one.info["cmdline"] or [])
        ]
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.2)


def compare(root: Path, chosen: Class, tier: str) -> tuple[list[str], Counter[str]]:
    """Sentences on what must not be, and what happened."""
    here = chosen.make(root / "here")
    assert graded(here, chosen.assignment, tier).wait() in (0, 1), (root / "here" / "said.log").read_text()
    run, happened = disturbed(root / "there", chosen, tier)
    again = [f"{name}: was whole, and was graded again" for name in run.graded_twice]
    differ = differences(taken(here, chosen.assignment), run)
    return [*differ, *again, *left_running(root / "there")], happened


def main(words: Sequence[str]) -> int:
    """Run, print what happened and what differs; 1 if anything does."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--mixture", action="store_true", help="of the soak, in place of the small class")
    options = parser.parse_args(words)
    root = Path(tempfile.mkdtemp(prefix="cluster-faults-"))
    started = time.monotonic()
    chosen = Class(options.submissions, options.seed, options.mixture)
    wrong, happened = compare(root, chosen, best_tier(weakest="full"))
    print(f"seed {options.seed}, {options.submissions} submissions, {time.monotonic() - started:.0f} s")
    print(*(f"  {count} x {event}" for event, count in sorted(happened.items())), sep="\n")
    print(*(wrong or ["no field differs, nothing was graded twice, nothing is left"]), sep="\n")
    if wrong:
        print(f"kept: {root}")
    else:
        shutil.rmtree(root)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
