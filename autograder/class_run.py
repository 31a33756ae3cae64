"""A class graded: each result on disk as it comes, and the gradebook made to agree.

The supervisor's workers run notebooks and tests side by side; this process alone writes: the autograded
notebook, then the result file, then nbgrader's gradebook. Killed at any moment, the next run grades only what
is missing or changed. Refuses: an unknown student, an empty class, a course that another run holds, a sandbox
tier that the machine does not have.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment import Assignment, load_assignment
from autograder.course import (
    Course,
    CourseError,
    NoSubmissionsError,
    UnknownStudentError,
    ignored_files,
    is_safe_name,
)
from autograder.grading.defaults import DEFAULT_TIER, LIMITS
from autograder.grading.fingerprints import engine_fingerprint, folder_fingerprint, read_timestamp
from autograder.grading.instructor_run import (
    instructors_files,
    keep_memo,
    modules_to_preload,
    read_memo,
    trains,
)
from autograder.grading.plan_store import keep_plan, read_plan
from autograder.grading.protocol import Job, JobResult, Start
from autograder.grading.results import result_to_store
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.grading.test_plan import Place
from autograder.intake import Rejection, read_folder
from autograder.nbgrader_bridge.writer import GradeWriter
from autograder.sandbox import Limits, SandboxError, selfcheck
from autograder.sandbox.cgroup import claimed
from autograder.storage import (
    StoredResult,
    only_run,
    read_result,
    remove_leftovers,
    result_path,
    write_folder,
    write_result,
)
from autograder.verdicts import Status, SubmissionResult

SLOW_MODULES_PAY_FROM = 3  # submissions: fewer are done before a longer warm-up would be


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
    strict : bool
        Refuse an assignment of which a test runs in the student's process.
    limits : Limits
        What one submission may use.
    cgroup : str
        A cgroup in which each submission gets one of its own; "" for the grader's, if it was delegated.
    """

    students: tuple[str, ...] | None = None
    workers: int | None = None
    isolation: str = DEFAULT_TIER
    force: bool = False
    show_hidden: bool = False
    strict: bool = False
    limits: Limits = LIMITS
    cgroup: str = ""


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
        return _ClassRun(course, assignment, options, progress).run(students)


@dataclass(frozen=True)
class _Submitted:
    """One student's submission as it lies in the course."""

    student: str
    folder: Path
    fingerprint: str
    timestamp: str


class _ClassRun:
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
        self._total = 0
        self._book = GradeWriter(course, assignment, self._agreed)
        self._supervisor: Supervisor | None = None

    def run(self, students: Sequence[str]) -> list[SubmissionResult]:
        """Grade what is new or changed; make the gradebook agree; the results."""
        self._total = len(students)
        remove_leftovers(self._course.results(self._assignment.name))
        changed = [one for one in map(self._submitted, students) if not self._is_kept(one)]
        with self._book:
            if changed:
                self._tell(self._progress())
                self._grade(changed)
            for student in self._reused:
                self._book.check(self._stored[student])
            self._book.finish()
            merged = [self._book.merged(self._stored[student]) for student in students]
        return [dataclasses.replace(result, reused=result.student in self._reused) for result in merged]

    def _submitted(self, student: str) -> _Submitted:
        folder = self._course.submitted(student, self._assignment.name)
        options = self._options
        fingerprint = folder_fingerprint(
            folder,
            self._assignment.fingerprint,
            engine_fingerprint(),
            options.isolation,
            repr(options.limits),
            str(options.show_hidden),
            str(options.strict),
        )
        return _Submitted(student, folder, fingerprint, read_timestamp(folder))

    def _is_kept(self, submitted: _Submitted) -> bool:
        """Whether an earlier run's result still holds; remembers it."""
        if self._options.force:
            return False
        student = submitted.student
        stored = read_result(result_path(self._course, self._assignment.name, student))
        if stored is None or stored.result.fingerprint != submitted.fingerprint:
            return False
        graded = stored.result.status is Status.GRADED
        if (
            stored.result.status is Status.INTERNAL_ERROR
            or stored.result.open_points
            or (graded and not self._notebook(student).is_file())
        ):
            return False
        self._stored[student] = stored
        self._reused.add(student)
        return True

    def _grade(self, changed: Sequence[_Submitted]) -> None:
        """Have these submissions graded, and store each result as it comes."""
        by_student = {one.student: one for one in changed}
        try:
            with (
                claimed(self._options.cgroup) as cgroup,
                ThreadPoolExecutor(1) as pool,
                self._supervisor_for(len(changed), cgroup) as supervisor,
            ):
                self._supervisor = supervisor
                # Meanwhile the workers warm up; the gradebook is needed last.
                check = pool.submit(selfcheck.require, self._options.isolation)
                pool.submit(self._book.prepare)
                if trains(self._assignment) and not read_memo(self._assignment):
                    folder = self._course.source(self._assignment.name)
                    supervisor.run_instructors_notebook(instructors_files(folder))
                check.result()
                self._use_plan(supervisor)
                supervisor.give(self._jobs(changed))
                self._tell(self._progress())
                self._book.open()
                for student, result in supervisor.results():
                    self._finish(by_student[student], result)
        except SandboxError as error:
            raise CourseError(str(error)) from error
        except WorkersError as error:
            raise CourseError(f"{error} --isolation names another tier.") from error

    def _use_plan(self, supervisor: Supervisor) -> None:
        """Let the workers know where each test runs: from an earlier run, else made now.

        Raises
        ------
        CourseError
            A test runs in the student's process, and that is not allowed.
        """
        tier = self._options.isolation
        plan = supervisor.plan
        if not plan.tests:
            plan = supervisor.make_plan()
            if plan.tests:
                keep_plan(self._assignment, tier, plan)
        inside = plan.at(Place.INSIDE)
        if inside and self._options.strict:
            named = "; ".join(f"{test.grade_id} ({test.reason})" for test in inside)
            raise CourseError(
                f"--strict: these tests of {self._assignment.name} run in the student's process, where a "
                f"result can be forged: {named}. Rewrite them, or grade without --strict."
            )

    def _supervisor_for(self, submissions: int, cgroup: str) -> Supervisor:
        options = self._options
        start = Start(
            assignment=self._assignment,
            tier=options.isolation,
            limits=options.limits,
            modules=modules_to_preload(self._assignment, with_slow_ones=submissions >= SLOW_MODULES_PAY_FROM),
            show_hidden=options.show_hidden,
            cgroup=cgroup,
        )
        return Supervisor(
            start,
            workers=min(options.workers or _cores(), submissions),
            memo=read_memo(self._assignment),
            keep_memo=lambda memo: keep_memo(self._assignment, memo),
            plan=read_plan(self._assignment, options.isolation),
        )

    def _jobs(self, changed: Iterable[_Submitted]) -> Iterator[tuple[str, Job]]:
        """The jobs, read from the course one by one; what cannot even be read is rejected at once."""
        for submitted in changed:
            try:
                yield submitted.student, Job(read_folder(submitted.folder, self._assignment))
            except Rejection as rejection:
                self._finish(submitted, JobResult(Status.REJECTED, str(rejection)))

    def _finish(self, submitted: _Submitted, result: JobResult) -> None:
        """Store a result, write it into the gradebook, and tell of it."""
        self._store(submitted, result)
        stored = self._stored[submitted.student]
        self._book.write(stored)
        self._tell(self._progress(stored.result, result.parts))

    def _agreed(self, stored: StoredResult, given: Mapping[str, str]) -> None:
        """Remember that the gradebook agrees, and which texts the points by hand belong to."""
        agreed = stored.agreed(given)
        self._stored[stored.result.student] = agreed
        write_result(self._course, self._assignment.name, agreed)

    def _store(self, submitted: _Submitted, result: JobResult) -> None:
        """Put notebook and result on the disk, in this order: a result stands for a whole notebook."""
        name, student = self._assignment.name, submitted.student
        if result.notebook:
            notebook = self._assignment.file_name
            files = dict(result.files) | {notebook: result.notebook}
            if submitted.timestamp:
                files["timestamp.txt"] = submitted.timestamp.encode()
            write_folder(self._course.autograded(student, name), files, last=notebook)
        else:
            self._notebook(student).unlink(missing_ok=True)
        stored = result_to_store(
            self._assignment,
            student,
            self._options.isolation,
            result,
            timestamp=submitted.timestamp,
            fingerprint=submitted.fingerprint,
        )
        stored = stored.after(read_result(result_path(self._course, name, student)))
        write_result(self._course, name, stored)
        self._stored[student] = stored

    def _notebook(self, student: str) -> Path:
        folder = self._course.autograded(student, self._assignment.name)
        return folder / self._assignment.file_name

    def _progress(
        self, last: SubmissionResult | None = None, parts: Mapping[str, float] | None = None
    ) -> Progress:
        seconds = time.monotonic() - self._started
        done = len(self._stored)
        graded = done - len(self._reused)
        rate = graded / seconds if graded and seconds > 0 else 0.0
        left = (self._total - done) / rate if rate else None
        running = self._supervisor.running if self._supervisor else ()
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
            f"nothing to grade: no folder {course.submitted_directory}/STUDENT/{assignment} in "
            f"{course.root.resolve()}."
            + _elsewhere(course, assignment)
            + f" Take in the zip that a learning platform gives you: autograder collect FILE.zip {assignment}"
        )
    return everyone


def _elsewhere(course: Course, assignment: str) -> str:
    ignored = ignored_files(course, assignment)
    return f" {ignored}" if ignored else ""


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "") if names else "nobody"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
