"""A class graded: each result on disk as it comes, and the gradebook made to agree.

The supervisor's workers run notebooks and tests side by side; this process alone writes: the autograded
notebook, then the result file, then nbgrader's gradebook. Killed at any moment, the next run grades only what
is missing or changed. Refuses: an unknown student, an empty class, a course that another run holds, a sandbox
tier that the machine does not have.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, load_notebooks
from autograder.class_options import Arrivals, Options, Progress
from autograder.class_students import chosen_students
from autograder.course import (
    Course,
    CourseError,
)
from autograder.grading.defaults import course_limits
from autograder.grading.fingerprints import engine_fingerprint, folder_fingerprint, read_timestamp
from autograder.grading.instructor_run import (
    has_memo,
    instructors_files,
    keep_memo,
    modules_to_preload,
    read_memo,
)
from autograder.grading.notebooks import KeptParts, is_decided, missing, stored_result
from autograder.grading.plan_store import keep_plan, read_plan
from autograder.grading.protocol import Job, JobResult, Start
from autograder.grading.registration import registered_for, support_of
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.grading.test_plan import Place
from autograder.grading.workers import Given, Workers, run_again
from autograder.intake import MissingNotebook, Rejection, read_folder
from autograder.nbgrader_bridge.writer import GradeWriter
from autograder.nbgrader_bridge.written_autotests import write_out_autotests
from autograder.sandbox import Limits, SandboxError, selfcheck
from autograder.sandbox.cgroup import claimed
from autograder.shared import Shared
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

__all__ = ["SLOW_MODULES_PAY_FROM", "Options", "Progress", "grade"]

_AS_USUAL = Options()
_NOBODY = Arrivals()
WORKERS_PAY_FROM = 16  # submissions: of fewer, one worker shows first whether they take long
SLOW_MODULES_PAY_FROM = 3  # submissions: fewer are done before a longer warm-up would be


def grade(
    course: Course,
    assignment_name: str,
    options: Options = _AS_USUAL,
    progress: Callable[[Progress], None] = lambda progress: None,
    *,
    is_held: bool = False,
    arrivals: Arrivals = _NOBODY,
) -> list[SubmissionResult]:
    """Every selected student's result, by student, with the gradebook's hand grades merged in.

    Parameters
    ----------
    is_held : bool
        The caller holds the course already (`storage.only_run`).
    arrivals : Arrivals
        Who comes meanwhile, to an assignment with one notebook; they are among the results.

    Raises
    ------
    CourseError
        Nothing to grade, an unknown student or assignment, a course in use, a tier that cannot be had, a full
        disk, a locked gradebook. What was graded before it is kept.
    """
    students, run = _prepared(course, assignment_name, options, progress, arrivals)
    with contextlib.nullcontext() if is_held else only_run(course):
        return run().run(students)


def _prepared(
    course: Course,
    assignment_name: str,
    options: Options,
    progress: Callable[[Progress], None],
    arrivals: Arrivals,
) -> tuple[list[str], Callable[[], _ClassRun]]:
    """Whom to grade, and the run; a wrong name is told before anything runs."""
    write_out_autotests(course, assignment_name)
    notebooks = load_notebooks(course, assignment_name)
    limits = options.limits or course_limits(course, options.isolation)
    for assignment in notebooks:
        registered_for(assignment)
    students = chosen_students(course, assignment_name, options.students)
    return students, lambda: _ClassRun(course, notebooks, options, limits, progress, arrivals)


@dataclass(frozen=True)
class _Submitted:
    """One student's submission as it lies in the course."""

    student: str
    folder: Path
    fingerprint: str
    timestamp: str

    @property
    def key(self) -> str:
        """Tells it from every other submission."""
        return f"{self.student}/{self.fingerprint}"


class _ClassRun:
    """The state of one run."""

    def __init__(
        self,
        course: Course,
        notebooks: Sequence[Assignment],
        options: Options,
        limits: Limits,
        progress: Callable[[Progress], None],
        arrivals: Arrivals,
    ) -> None:
        self._course, self._notebooks = course, notebooks
        self._arrivals, self._takes_more = arrivals, arrivals is not _NOBODY
        self._came: set[str] = set()
        self._put_back: set[str] = set()  # whose submissions have no result yet
        self._options, self._limits = options, limits
        self._name = notebooks[0].name
        self._tell = progress
        self._started = time.monotonic()
        self._stored: dict[str, StoredResult] = {}
        self._shared = Shared()  # so that it grows little with the class
        self._reused: set[str] = set()
        self._total = self._graded = 0  # notebooks
        self._parts = KeptParts(course.results(self._name) / ".parts")
        self._book = GradeWriter(course, notebooks, self._agreed)
        self._supervisor: Workers | None = None

    def run(self, students: Sequence[str]) -> list[SubmissionResult]:
        """Grade what is new or changed; make the gradebook agree; the results."""
        self._total = len(students) * len(self._notebooks)
        remove_leftovers(self._course.results(self._name))
        changed = [one for one in map(self._submitted, students) if not self._is_kept(one)]
        with self._book:
            if changed:
                self._tell(self._progress())
                self._grade(changed)
            for student in self._reused:
                self._book.check(self._stored[student])
            self._book.finish()
            everyone = sorted({*students, *self._came} - self._put_back)
            merged = [self._book.merged(self._stored[student]) for student in everyone]
        return [dataclasses.replace(result, reused=result.student in self._reused) for result in merged]

    def _submitted(self, student: str) -> _Submitted:
        folder = self._course.submitted(student, self._name)
        options = self._options
        fingerprint = folder_fingerprint(
            folder,
            *(one.fingerprint for one in self._notebooks),
            engine_fingerprint(support_of(self._notebooks[0]).packages),
            options.isolation,
            repr(self._limits),
            str(options.show_hidden),
            str(options.strict),
        )
        return _Submitted(student, folder, fingerprint, read_timestamp(folder))

    def _is_kept(self, submitted: _Submitted) -> bool:
        """Whether an earlier run's result still holds; remembers it."""
        if self._options.force:
            return False
        student = submitted.student
        stored = read_result(result_path(self._course, self._name, student), self._shared)
        if stored is None or stored.result.fingerprint != submitted.fingerprint:
            return False
        graded = stored.result.status is Status.GRADED
        if (
            stored.result.status is Status.INTERNAL_ERROR
            or stored.result.open_points
            or (graded and not self._has_notebooks(stored))
        ):
            return False
        self._stored[student] = stored
        self._reused.add(student)
        return True

    def _has_notebooks(self, stored: StoredResult) -> bool:
        """Whether the autograded notebooks are there; of several, those from which texts were taken."""
        folder = self._course.autograded(stored.result.student, self._name)
        handed_in = {name.rpartition("/")[0] for name in stored.texts}
        wanted = [one for one in self._notebooks if not one.siblings or one.notebook in handed_in]
        return all((folder / one.file_name).is_file() for one in wanted)

    def _grade(self, changed: Sequence[_Submitted]) -> None:
        """Have these submissions graded, notebook after notebook, and store each result as it comes."""
        if self._options.force:
            self._parts.forget()
        try:
            with claimed(self._options.cgroup) as cgroup, ThreadPoolExecutor(1) as pool:
                # Meanwhile the first workers warm up; the gradebook is needed last.
                check = pool.submit(selfcheck.require, self._options.isolation)
                pool.submit(self._book.prepare)
                for assignment in self._notebooks[:-1]:
                    name = assignment.notebook
                    left = [one for one in changed if not is_decided(self._parts.read(one.key, name))]
                    self._graded += len(changed) - len(left)
                    if left:
                        self._grade_notebook(assignment, left, cgroup, check)
                self._grade_notebook(self._notebooks[-1], changed, cgroup, check)
                self._parts.forget()
        except SandboxError as error:
            raise CourseError(str(error)) from error
        except WorkersError as error:
            raise CourseError(f"{error} --isolation names another tier.") from error

    def _grade_notebook(
        self, assignment: Assignment, submitted: Sequence[_Submitted], cgroup: str, check: Future[str]
    ) -> None:
        """Have one notebook of these submissions graded, once the `check` of the sandbox has passed."""
        by_student = {one.student: one for one in submitted}
        with self._supervisor_for(assignment, len(submitted), cgroup) as supervisor:
            self._supervisor = supervisor
            lacks_memo = has_memo(assignment) and not read_memo(assignment)
            if lacks_memo and supervisor.plan.tests:
                folder = self._course.source(self._name)
                supervisor.run_instructors_notebook(instructors_files(folder))
            check.result()
            self._use_plan(supervisor, assignment, lacks_memo=lacks_memo)
            supervisor.give(self._jobs(assignment, by_student))
            self._tell(self._progress())
            self._book.open()
            for student, result in supervisor.results():
                self._finish_or_put_back(by_student[student], assignment, result)

    def _finish_or_put_back(self, submitted: _Submitted, assignment: Assignment, result: JobResult) -> None:
        """Keep the result, unless a busy machine may have failed it, and it comes again."""
        if self._arrivals.put_back is None or not result.lacked_processor or result.alone:
            self._finish(submitted, assignment, result)
        elif self._arrivals.put_back(submitted.student):
            self._total -= 1
            self._put_back.add(submitted.student)
        else:
            self._finish(submitted, assignment, run_again(result))

    def _use_plan(self, supervisor: Workers, assignment: Assignment, *, lacks_memo: bool) -> None:
        """Let the workers know where each test runs: from an earlier run, else made now, with the memo.

        Raises
        ------
        CourseError
            A test runs in the student's process, and that is not allowed.
        """
        tier = self._options.isolation
        plan = supervisor.plan
        if not plan.tests:
            plan = supervisor.make_plan(remembers=lacks_memo)
            if plan.tests:
                keep_plan(assignment, tier, plan, course_limits(self._course, tier))
        if self._options.strict:
            supervisor.forbid_inside()
        inside = plan.at(Place.INSIDE)
        if inside and self._options.strict:
            named = "; ".join(f"{test.grade_id} ({test.reason})" for test in inside)
            raise CourseError(
                f"--strict: these tests of {assignment.title} run in the student's process, where a "
                f"result can be forged: {named}. Rewrite them, or grade without --strict."
            )

    def _supervisor_for(self, assignment: Assignment, submissions: int, cgroup: str) -> Workers:
        options = self._options
        submissions = max(submissions, self._arrivals.waiting)
        workers = options.workers or _cores()
        start = Start(
            assignment=assignment,
            tier=options.isolation,
            limits=self._limits,
            modules=modules_to_preload(assignment, with_slow_ones=submissions >= SLOW_MODULES_PAY_FROM),
            show_hidden=options.show_hidden,
            cgroup="" if options.dask else cgroup,  # this machine's
        )
        more: dict[str, Any] = {
            "workers": workers if self._takes_more else min(workers, submissions),
            "memo": read_memo(assignment),
            "keep_memo": lambda memo: keep_memo(assignment, memo),
            "plan": read_plan(assignment, options.isolation, course_limits(self._course, options.isolation)),
        }
        if options.dask:
            from autograder.cluster.supervisor import ClusterSupervisor  # reads Dask's settings

            return ClusterSupervisor(options.dask, start, expected=submissions, **more)
        more["runs_again"] = self._arrivals.put_back is None
        is_named = options.workers is not None and not self._takes_more
        at_first = None if is_named or submissions >= WORKERS_PAY_FROM else 1
        expected = None if self._takes_more else submissions
        return Supervisor(start, at_first=at_first, expected=expected, **more)

    def _jobs(self, assignment: Assignment, by_student: dict[str, _Submitted]) -> Iterator[Given | None]:
        """The jobs, read from the course one by one; what cannot even be read is rejected at once."""
        for submitted in itertools.chain(list(by_student.values()), self._arriving(by_student)):
            if submitted is None:
                yield None
                continue
            try:
                job = Job(read_folder(submitted.folder, assignment))
                yield submitted.student, job, self._arrivals.is_alone(submitted.student)
            except MissingNotebook as absence:
                self._finish(submitted, assignment, missing(assignment, str(absence)))
            except Rejection as rejection:
                self._finish(submitted, assignment, JobResult(Status.REJECTED, str(rejection)))

    def _arriving(self, by_student: dict[str, _Submitted]) -> Iterator[_Submitted | None]:
        """Who comes meanwhile, None where nobody does; what an earlier run has graded is told at once."""
        for student in self._arrivals.students:
            if student is None:
                yield None
                continue
            submitted = self._submitted(student)
            self._total += 1
            self._came.add(student)
            self._put_back.discard(student)
            self._reused.discard(student)
            if self._is_kept(submitted):
                self._tell(self._progress(self._stored[student].result))
            else:
                by_student[student] = submitted
                yield submitted

    def _finish(self, submitted: _Submitted, assignment: Assignment, result: JobResult) -> None:
        """Keep what became of a notebook; with the last one store the result, and write the gradebook."""
        self._graded += 1
        if assignment is not self._notebooks[-1]:
            self._parts.keep(submitted.key, assignment.notebook, result)
            self._tell(self._progress(parts=result.parts))
            return
        before = {one.notebook: self._parts.read(submitted.key, one.notebook) for one in self._notebooks[:-1]}
        lost = JobResult(Status.INTERNAL_ERROR, "what was kept of this notebook is gone; grade again.")
        ended = {name: kept or lost for name, kept in before.items()}
        self._store(submitted, {**ended, assignment.notebook: result})
        stored = self._stored[submitted.student]
        self._book.write(stored)
        self._tell(self._progress(stored.result, result.parts))

    def _agreed(self, stored: StoredResult, given: Mapping[str, str]) -> None:
        """Remember that the gradebook agrees, and which texts the points by hand belong to."""
        agreed = stored.agreed(given)
        self._stored[stored.result.student] = agreed.sharing(self._shared)
        write_result(self._course, self._name, agreed)

    def _store(self, submitted: _Submitted, results: Mapping[str, JobResult]) -> None:
        """Put notebooks and result on the disk, in this order: a result stands for whole notebooks."""
        name, student = self._name, submitted.student
        folder = self._course.autograded(student, name)
        ended = {one.file_name: results[one.notebook] for one in self._notebooks}
        notebooks = {file: result.notebook for file, result in ended.items() if result.notebook}
        if notebooks:
            files = {file: content for result in ended.values() for file, content in result.files.items()}
            if submitted.timestamp:
                files["timestamp.txt"] = submitted.timestamp.encode()
            write_folder(folder, files | notebooks, last=list(notebooks)[-1])
        else:
            for file in ended:
                (folder / file).unlink(missing_ok=True)
        stored = stored_result(
            self._notebooks,
            student,
            self._options.isolation,
            results,
            timestamp=submitted.timestamp,
            fingerprint=submitted.fingerprint,
        )
        stored = stored.after(read_result(result_path(self._course, name, student)))
        write_result(self._course, name, stored)
        self._stored[student] = stored.sharing(self._shared)

    def _progress(
        self, last: SubmissionResult | None = None, parts: Mapping[str, float] | None = None
    ) -> Progress:
        seconds = time.monotonic() - self._started
        graded = self._graded
        done = len(self._reused) * len(self._notebooks) + graded
        rate = graded / seconds if graded and seconds > 0 else 0.0
        left = (self._total - done) / rate if rate else None
        running = self._supervisor.running if self._supervisor else ()
        alone = self._supervisor.again_alone if self._supervisor else ()
        return Progress(
            done, self._total, len(self._reused), seconds, rate, left, last, parts or {}, running, alone
        )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
