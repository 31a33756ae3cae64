"""The run: every submission of an assignment graded, each result on disk before the next begins.

Workers (`worker`) run notebooks and tests side by side; this process alone writes: the autograded
notebook, then the result file, then nbgrader's gradebook. Killed at any moment, the next run grades only what
is missing or changed, and makes the gradebook agree with the results. Refuses: an unknown student, an empty
class, a course that another run holds, a sandbox tier that the machine does not have. Called by `cli.grade`,
`cli.demo` and the benchmark.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import importlib.metadata
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path

from autograder.assignment import Assignment, load_assignment
from autograder.course import (
    Course,
    CourseError,
    NoSubmissionsError,
    UnknownStudentError,
    is_safe_name,
    not_looked_at,
)
from autograder.grading.defaults import DEFAULT_TIER, LIMITS
from autograder.grading.fingerprints import folder_fingerprint, read_timestamp
from autograder.grading.rehearsal import engine_fingerprint, keep_memo, memo_path, modules_to_warm, trains
from autograder.grading.worker_client import Graded, LostWorkerError, Rehearsed, WorkerClient, WorkerSettings
from autograder.nbgrader_bridge.writer import GradeWriter
from autograder.sandbox import Limits, SandboxError, selfcheck
from autograder.storage import (
    StoredResult,
    only_run,
    read_result,
    remove_leftovers,
    result_path,
    write_folder,
    write_result,
)
from autograder.verdicts import Status, SubmissionResult, Verdict

_MANY = 3  # submissions, from which on it pays to warm up longer
_LOOK_S = 0.5
_NOT_READY = "a worker ended before it was ready; `autograder doctor` shows why."
_LOST_TWICE = "the grader's process was lost twice on this submission; a person has to look at it."


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    done, total : int
        Submissions, those kept from an earlier run included.
    reused : int
    seconds : float
        Since the run began.
    rate : float
        Submissions graded a second, 0 before the first.
    seconds_left : float or None
        At that rate; None before the first.
    last : SubmissionResult or None
        The one just finished.
    parts : mapping of str to float
        Where its time went, seconds.
    running : tuple of str
        Whose submissions are being graded now.
    """

    done: int
    total: int
    reused: int
    seconds: float
    rate: float = 0.0
    seconds_left: float | None = None
    last: SubmissionResult | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    running: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """How to grade.

    Attributes
    ----------
    students : tuple of str or None
        Only these; None for everyone who handed in.
    workers : int or None
        Processes side by side; None for one a core.
    isolation : str
        The sandbox tier: `full`, `landlock` or `none`.
    force : bool
        Grade again what has not changed.
    show_hidden : bool
        Leave the text of hidden tests in the autograded notebooks.
    limits : Limits
        What one submission may use.
    """

    students: tuple[str, ...] | None = None
    workers: int | None = None
    isolation: str = DEFAULT_TIER
    force: bool = False
    show_hidden: bool = False
    limits: Limits = LIMITS


def grade(
    course: Course,
    assignment_name: str,
    options: Options = Options(),
    progress: Callable[[Progress], None] = lambda progress: None,
) -> list[SubmissionResult]:
    """Every selected student's result, by student, with the gradebook's hand grades merged in.

    Raises
    ------
    CourseError
        Nothing to grade, an unknown student or assignment, a course in use, a tier that cannot be had, a full
        disk, a locked gradebook. What was graded before it is kept.
    """
    assignment = load_assignment(course, assignment_name)
    students = _selected(course, assignment_name, options.students)
    with only_run(course):
        return _Run(course, assignment, options, progress).run(students)


@dataclass
class _Job:
    """One submission to grade, and what is known of earlier tries."""

    student: str
    fingerprint: str
    timestamp: str
    given_up: dict[str, Verdict] = field(default_factory=dict)
    lost: int = 0


class _Run:
    """The state of one run."""

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        options: Options,
        progress: Callable[[Progress], None],
    ) -> None:
        self._course, self._assignment, self._options = course, assignment, options
        self._tell = progress
        self._started = time.monotonic()
        self._stored: dict[str, StoredResult] = {}
        self._reused: set[str] = set()
        self._busy: dict[WorkerClient, _Job] = {}
        self._total = 0
        self._book: GradeWriter = GradeWriter(course, assignment)

    def run(self, students: Sequence[str]) -> list[SubmissionResult]:
        """Grade what is new or changed; make the gradebook agree; the results."""
        self._total = len(students)
        remove_leftovers(self._course.results(self._assignment.name))
        jobs = [job for job in map(self._job, students) if not self._is_kept(job)]
        with self._book:
            if jobs:
                self._grade(jobs)
            for student in self._reused:
                self._book.check(self._stored[student])
            self._book.finish()
            merged = [self._book.merged(self._stored[student].result) for student in students]
        return [dataclasses.replace(result, reused=result.student in self._reused) for result in merged]

    def _job(self, student: str) -> _Job:
        folder = self._course.submitted(student, self._assignment.name)
        options = self._options
        limits = repr(options.limits)
        fingerprint = folder_fingerprint(
            folder,
            self._assignment.fingerprint,
            engine_fingerprint(),
            options.isolation,
            limits,
            str(options.show_hidden),
        )
        return _Job(student, fingerprint, read_timestamp(folder))

    def _is_kept(self, job: _Job) -> bool:
        """Whether an earlier run's result still holds; remembers it."""
        if self._options.force:
            return False
        stored = read_result(result_path(self._course, self._assignment.name, job.student))
        if stored is None or stored.result.fingerprint != job.fingerprint:
            return False
        graded = stored.result.status is Status.GRADED
        if stored.result.status is Status.INTERNAL_ERROR or (graded and not self._notebook(job).is_file()):
            return False
        self._stored[job.student] = stored
        self._reused.add(job.student)
        return True

    def _notebook(self, job: _Job) -> Path:
        folder = self._course.autograded(job.student, self._assignment.name)
        return folder / f"{self._assignment.name}.ipynb"

    def _grade(self, jobs: list[_Job]) -> None:
        self._tell(self._progress())
        self._drive(jobs, self._settings(len(jobs)))

    def _settings(self, jobs: int) -> WorkerSettings:
        return WorkerSettings(
            course=str(self._course.root.resolve()),
            assignment=self._assignment.name,
            assignment_fingerprint=self._assignment.fingerprint,
            tier=self._options.isolation,
            limits=self._options.limits,
            modules=modules_to_warm(self._assignment, with_slow_ones=jobs >= _MANY),
            show_hidden=self._options.show_hidden,
        )

    def _drive(self, jobs: list[_Job], settings: WorkerSettings) -> None:
        """Give each idle worker the next job until all are done; replace workers that are lost."""
        pending = list(reversed(jobs))
        count = min(self._options.workers or _cores(), len(jobs))
        with ThreadPoolExecutor(1) as pool, contextlib.ExitStack() as stack:
            # Meanwhile the workers warm up; the gradebook is needed last.
            check = pool.submit(selfcheck.require, settings.tier)
            pool.submit(self._book.prepare)
            workers = [stack.enter_context(WorkerClient(settings)) for _ in range(count)]
            try:
                if trains(self._assignment) and not memo_path(self._assignment).is_file():
                    workers[0].rehearse(self._course.source(self._assignment.name))
                check.result()
            except SandboxError as error:
                raise CourseError(str(error)) from error
            busy = self._busy
            busy.update({worker: self._give(worker, pending.pop()) for worker in workers})
            self._tell(self._progress())
            self._book.open()
            while busy:
                for worker in _with_news(busy):
                    job = busy[worker]
                    try:
                        worker.check()
                        message = worker.receive() if worker.connection.poll() else None
                    except LostWorkerError as lost:
                        worker.kill()
                        del busy[worker]
                        if not worker.ready:
                            raise CourseError(_NOT_READY) from lost
                        again = self._lost(job, lost)
                        pending.extend([again] if again else [])
                        if pending:
                            another = stack.enter_context(WorkerClient(settings))
                            busy[another] = self._give(another, pending.pop())
                        continue
                    except SandboxError as error:
                        raise CourseError(_refused(settings.tier, error)) from error
                    if isinstance(message, Rehearsed):
                        keep_memo(self._assignment, message.memo)
                    if not isinstance(message, Graded):
                        continue
                    self._store(job, message)
                    if pending:
                        busy[worker] = self._give(worker, pending.pop())
                    else:
                        del busy[worker]
                        worker.close()
                    self._book.write(self._stored[job.student])
                    self._tell(self._progress(self._stored[job.student].result, message.parts))

    def _give(self, worker: WorkerClient, job: _Job) -> _Job:
        """Let a worker, warm or still warming up, grade the job's submission."""
        folder = self._course.submitted(job.student, self._assignment.name)
        worker.give(folder, job.given_up, self._memo())
        return job

    def _memo(self) -> str:
        """The file of remembered training runs, once the rehearsal has made it; "" before."""
        path = memo_path(self._assignment)
        return str(path.resolve()) if path.is_file() else ""

    def _lost(self, job: _Job, lost: LostWorkerError) -> _Job | None:
        """What to do with the job of a worker that is gone: once more, without the test that did it."""
        if lost.test:
            job.given_up[lost.test] = lost.verdict
            return job
        job.lost += 1
        if job.lost < 2:
            return job
        header = {"status": str(Status.INTERNAL_ERROR), "reason": _LOST_TWICE}
        self._store(job, Graded(header, 0.0, {}, self._options.isolation))
        self._book.write(self._stored[job.student])
        self._tell(self._progress(self._stored[job.student].result))
        return None

    def _store(self, job: _Job, graded: Graded) -> None:
        """Put notebook and result on the disk, in this order: a result stands for a whole notebook."""
        name = self._assignment.name
        fields = dict(graded.header) | {
            "student": job.student,
            "assignment": name,
            "seconds": round(graded.seconds, 3),
            "isolation": graded.isolation,
            "fingerprint": job.fingerprint,
            "graded_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "versions": _versions(),
        }
        result = SubmissionResult.from_dict(fields)
        folder = self._course.autograded(job.student, name)
        if graded.notebook:
            files = dict(graded.files) | {f"{name}.ipynb": graded.notebook}
            if job.timestamp:
                files["timestamp.txt"] = job.timestamp.encode()
            write_folder(folder, files, last=f"{name}.ipynb")
        else:
            self._notebook(job).unlink(missing_ok=True)
        stored = StoredResult(result, frozenset(graded.header.get("untouched", ())), job.timestamp)
        write_result(self._course, name, stored)
        self._stored[job.student] = stored

    def _progress(
        self, last: SubmissionResult | None = None, parts: Mapping[str, float] | None = None
    ) -> Progress:
        seconds = time.monotonic() - self._started
        done = len(self._stored)
        graded = done - len(self._reused)
        rate = graded / seconds if graded and seconds > 0 else 0.0
        left = (self._total - done) / rate if rate else None
        running = tuple(job.student for job in self._busy.values())
        return Progress(done, self._total, len(self._reused), seconds, rate, left, last, parts or {}, running)


def _selected(course: Course, assignment: str, wanted: Iterable[str] | None) -> list[str]:
    everyone = course.students(assignment)
    if wanted is not None:
        chosen = sorted(set(wanted))
        for student in chosen:
            if not is_safe_name(student) or student not in everyone:
                raise UnknownStudentError(
                    f"{student!r} has handed in nothing for {assignment}: no folder "
                    f"{course.submitted(student, assignment)}. Handed in: {_few(everyone)}."
                    + _elsewhere(course, assignment)
                )
        return chosen
    if not everyone:
        raise NoSubmissionsError(
            f"nothing to grade: no folder submitted/STUDENT/{assignment} in {course.root.resolve()}."
            + _elsewhere(course, assignment)
            + f" Take in the zip that a learning platform gives you: autograder collect FILE.zip {assignment}"
        )
    return everyone


def _elsewhere(course: Course, assignment: str) -> str:
    said = not_looked_at(course, assignment)
    return f" {said}" if said else ""


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "") if names else "nobody"


def _with_news(workers: Iterable[WorkerClient]) -> Iterator[WorkerClient]:
    """Workers that have sent something, or whose time is over."""
    by_connection = {worker.connection: worker for worker in workers}
    ready = wait(list(by_connection), timeout=_LOOK_S)
    now = time.monotonic()
    late = [worker for worker in by_connection.values() if worker.deadline < now]
    return iter(dict.fromkeys([by_connection[item] for item in ready] + late))  # type: ignore[index]


def _refused(tier: str, error: SandboxError) -> str:
    hint = "`autograder doctor` shows what this machine can enforce; --isolation names another tier."
    return f"no sandbox of tier {tier!r}: {error} {hint}"


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _versions() -> dict[str, str]:
    return {
        "engine": engine_fingerprint()[:12],
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
    }
