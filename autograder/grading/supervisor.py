"""Workers kept at work: started, given jobs, replaced when they are lost; a test that loses them is given up.

The class run, the nbgrader plugin and whoever else grades use this one supervisor. It touches neither the
course nor the gradebook: jobs and results are messages of `protocol`.

WorkersError: no worker can be had.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

from autograder.grading.protocol import (
    InstructorRun,
    Job,
    JobResult,
    MakePlan,
    Memo,
    ProtocolError,
    Start,
)
from autograder.grading.results import require_result_of
from autograder.grading.test_plan import Plan
from autograder.grading.worker_process import LostWorkerError, RefusedError, WorkerProcess
from autograder.grading.workers import Given, Workers, run_again, run_alone
from autograder.sandbox.pressure import Pressure
from autograder.verdicts import Status, Verdict

MOST_LOSSES = 2  # of workers by one submission, at no test: then it is set aside for a person
_RUNS_OF_A_PLAN = 4  # outside, and three ways inside
ALONE_S = 4.0  # what is done by then does not pay for the start of another worker
_STARTS = 3.0  # what is left must take so many times as long as a worker's start before another one pays
_DEADLINE_CHECK_S = 0.5
# What runs alone holds up those that come meanwhile, but no longer than this: first while it waits for those
# that are being done, then while it runs.
DRAIN_S = 30.0
HOLD_S = 60.0
_NOT_READY = "a worker ended before it was ready; `autograder doctor` shows why."
_LOST = "the grader's process was lost twice on this submission; a person has to look at it."


class WorkersError(Exception):
    """No worker can be had; the text says why and what to do."""


@dataclass
class _Task:
    """A job on its way, with what is known of earlier tries."""

    name: str
    job: Job
    is_alone: bool = False  # the second try, to run with nothing beside it
    alone_since: float | None = None  # when a worker first had it so
    has_company: bool = False  # something ran beside it all the same
    losses: int = 0
    ended_at: set[str] = field(default_factory=set)  # tests at which a worker ended
    lacked_processor: bool = False  # a test was given up for its time, on a busy machine
    pressure: Pressure = field(default_factory=Pressure)  # since a worker has it

    def without(self, test: str, verdict: Verdict) -> _Task:
        """The same task with one test given up."""
        job = Job(self.job.submitted, dict(self.job.given_up) | {test: verdict})
        lacked = self.lacked_processor or (verdict is Verdict.TIMEOUT and self.pressure.was_busy())
        return replace(self, job=job, lacked_processor=lacked)

    def holds(self) -> bool:
        """Whether it is to run alone, and the others wait for it still."""
        return self.is_alone and not _is_over(self.alone_since, HOLD_S)

    def again_alone(self) -> _Task:
        """The same submission from the beginning."""
        return _Task(self.name, Job(self.job.submitted), is_alone=True)


class Supervisor(Workers):
    """The workers of one assignment on this machine; a context manager.

    Parameters
    ----------
    start : Start
        What every worker has to know.
    workers : int
        Processes side by side. They start at once, and warm up while the caller does other things.
    at_first : int, optional
        So many start at once; the others when these have worked on jobs for `ALONE_S`, and what is left would
        take long. All by default.
    expected : int, optional
        How many jobs there will be, for that.
    runs_again : bool
        What a busy machine may have failed runs again when all else is done; else that is the caller's.
    memo, keep_memo, plan
        As for `Workers`.
    """

    def __init__(
        self,
        start: Start,
        workers: int = 1,
        at_first: int | None = None,
        expected: int | None = None,
        *,
        runs_again: bool = True,
        memo: bytes = b"",
        keep_memo: Callable[[bytes], None] = lambda memo: None,
        plan: Plan | None = None,
    ) -> None:
        super().__init__(start, memo, keep_memo, plan)
        self._most = workers
        self._unplanned: dict[str, Verdict] = {}  # tests that cost the workers that made the plan
        self._ended_at: set[str] = set()  # tests at which such a worker ended
        self._at_first = min(at_first or workers, workers)
        self._workers = [WorkerProcess(start) for _ in range(self._at_first)]
        self._expected, self._done = expected, 0
        self._given_at = self._start_s = 0.0
        self._tasks: dict[WorkerProcess, _Task] = {}
        self._next: list[_Task] = []
        self._runs_again = runs_again
        self._alone: list[_Task] = []  # to be done when nothing else is left, one by one
        self._drains_since: float | None = None  # a task is to run alone, and others are being done
        self._waiting: Iterator[_Task | None] = iter(())  # not read yet; None where there is none now
        self._all_given = True

    def close(self) -> None:
        """End all workers, those at work too."""
        for worker in self._workers:
            worker.hang_up()
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self._tasks.clear()

    @property
    def again_alone(self) -> tuple[str, ...]:
        """Names of the jobs that a busy machine may have failed, the one that runs again now among them."""
        at_work = [task for task in (*self._tasks.values(), *self._next) if task.is_alone]
        return tuple(task.name for task in (*at_work, *self._alone))

    @property
    def running(self) -> tuple[str, ...]:
        """Names of the jobs that are being done."""
        return tuple(task.name for task in self._tasks.values())

    def run_instructors_notebook(self, files: Mapping[str, bytes]) -> None:
        """Let one worker run the instructor's notebook beside `files` before its first job."""
        self._workers[0].run_instructors_notebook(InstructorRun(files))

    def make_plan(self, *, prove: bool = False, remembers: bool = False) -> Plan:
        """The plan that one worker makes from the instructor's notebook, for all workers; empty if it fails.

        Parameters
        ----------
        prove : bool
            The notebook also runs without its answers.
        remembers : bool
            The memo is that of the same run: there is none yet.

        Raises
        ------
        WorkersError
            A worker refuses to work, or ends before it is ready.
        """
        runs = _RUNS_OF_A_PLAN + (len(self.start.assignment.cells) if prove else 0)
        runs *= 2 if remembers else 1
        losses = 0
        while losses < MOST_LOSSES:
            if not self._workers:
                self._workers.append(WorkerProcess(self.start))
            worker = self._workers[0]
            if self._memo.content and not worker.has_memo:
                self._await(worker)  # it reads nothing large before it is ready
                worker.take_memo(self._memo)
            given_up = dict(self._unplanned)
            worker.make_plan(MakePlan(prove, given_up, remembers and not self._memo.content), runs)
            self._await(worker)
            if worker in self._workers:
                break
            # A test that costs its workers is left out of the plan then.
            losses = losses + 1 if given_up == self._unplanned else 0
        return self._plan

    def _await(self, worker: WorkerProcess) -> None:
        """Wait until the worker has answered everything, or is lost."""
        while worker in self._workers and not worker.is_free:
            self._look()

    def give(self, jobs: Iterable[Given | None]) -> None:
        """Begin with jobs, each under a name of its own; returns once a worker is ready and has the first.

        The next ones are taken from `jobs` one by one, as workers are free. None among them says that there
        is no job at the moment: it is asked again after a while. One that is to run alone begins when those
        that are being done have ended, or after `DRAIN_S`, and the next ones when it has, or after `HOLD_S`
        from its first start.

        Raises
        ------
        WorkersError
            As for `results`.
        """
        self._waiting = (found and _Task(*found) for found in jobs)
        self._all_given = False
        self._given_at = time.monotonic()
        self._give_out()
        while not self._tasks and not self._all_given:
            self._look()

    def results(self) -> Iterator[tuple[str, JobResult]]:
        """Each job's name and result, as they come; the worker has its next job by then.

        Raises
        ------
        WorkersError
            A worker refuses to work, or ends before it is ready.
        """
        while self._tasks or self._next or self._alone or not self._all_given:
            yield from self._look()

    def _look(self) -> list[tuple[str, JobResult]]:
        """Wait a little for news; the jobs that are done."""
        done = []
        for worker in self._with_news():
            task = self._tasks.get(worker)
            try:
                result = self._result(worker)
            except LostWorkerError as lost:
                result = self._let_go(worker, task, lost)
            if task is None or result is None:
                continue
            result = replace(result, lacked_processor=result.lacked_processor or task.lacked_processor)
            if task.is_alone and not task.has_company:
                done.append((task.name, run_alone(result)))
            elif task.is_alone and self._runs_again:
                done.append((task.name, run_again(result)))
            elif result.lacked_processor and self._runs_again:
                self._alone.append(task.again_alone())
            else:
                done.append((task.name, result))
        self._give_out()
        return done

    def _with_news(self) -> list[WorkerProcess]:
        """Workers that have sent something, or whose time is over."""
        at_work = {worker.connection: worker for worker in self._workers if not worker.is_free}
        if not at_work:  # no job at the moment
            time.sleep(_DEADLINE_CHECK_S)
            return []
        ready = [at_work[item] for item in wait(list(at_work), timeout=_DEADLINE_CHECK_S)]  # type: ignore[index]
        now = time.monotonic()
        return list(dict.fromkeys([*ready, *(one for one in at_work.values() if one.deadline < now)]))

    def _result(self, worker: WorkerProcess) -> JobResult | None:
        """The worker's result, if it has one."""
        try:
            message = worker.receive()
        except RefusedError as refusal:
            raise WorkersError(
                f"no sandbox of tier {self.start.tier!r}: {refusal} `autograder doctor` shows what this "
                "machine can enforce."
            ) from refusal
        if isinstance(message, Memo) and message.content:
            self._remember(message.content)
        if isinstance(message, Plan):
            self._plan = message
        if not isinstance(message, JobResult):
            return None
        try:
            require_result_of(self.start.assignment, message)
        except ProtocolError as error:
            raise LostWorkerError("", Verdict.INTERNAL_ERROR) from error
        del self._tasks[worker]
        self._done += 1
        self._start_s = worker.start_s
        return message

    def _let_go(self, worker: WorkerProcess, task: _Task | None, lost: LostWorkerError) -> JobResult | None:
        """Let a lost worker go; its job is tried again without the test that lost it, or given up."""
        worker.kill()
        self._workers.remove(worker)
        self._tasks.pop(worker, None)
        if not worker.ready:
            raise WorkersError(_NOT_READY) from lost
        is_given_up = _is_given_up(lost, self._ended_at if task is None else task.ended_at)
        if task is None and is_given_up:
            self._unplanned[lost.test] = lost.verdict
        elif task is not None and is_given_up:
            self._next.append(task.without(lost.test, lost.verdict))
        elif task is not None and lost.test:
            self._next.append(task)
        elif task is not None:
            task.losses += 1
            if task.losses == MOST_LOSSES:
                return JobResult(Status.INTERNAL_ERROR, _LOST)
            self._next.append(task)
        return None

    def _give_out(self) -> None:
        """Give each worker that is free a job; start those that are missing while there is work."""
        if any(task.holds() for task in self._tasks.values()):
            return
        if self._alone and not self._tasks and not self._has_more():
            self._next.append(self._alone.pop(0))
        for worker in self._workers:
            if worker.is_free and self._has_more():
                if self._next[-1].is_alone and not self._may_begin(self._next[-1]):
                    return
                task = self._next.pop()
                if self._memo.content and not worker.has_memo:
                    worker.take_memo(self._memo)
                if self._plan.tests and not worker.has_plan:
                    worker.take_plan(self._plan)
                worker.give(task.job)
                self._begin(worker, task)
                if task.is_alone:
                    return  # also if another one has come by now
        most = self._most if self._more_pay() else self._at_first
        if any(task.holds() for task in self._next):
            most = 1
        while len(self._workers) < most and self._has_more():
            self._workers.append(WorkerProcess(self.start))

    def _begin(self, worker: WorkerProcess, task: _Task) -> None:
        """Note that the worker has the task, and what is beside it."""
        for other in self._tasks.values():
            other.has_company = True
        since = task.alone_since
        if task.is_alone:
            self._drains_since, since = None, time.monotonic() if since is None else since
        has_company = task.has_company or bool(self._tasks)
        self._tasks[worker] = replace(task, pressure=Pressure(), alone_since=since, has_company=has_company)

    def _may_begin(self, task: _Task) -> bool:
        """Whether nothing is being done beside what is to run alone, or was waited for long enough."""
        if task.alone_since is not None:  # it has lost its worker
            return True
        if self._drains_since is None:
            self._drains_since = time.monotonic()
        return not self._tasks or _is_over(self._drains_since, DRAIN_S)

    def _more_pay(self) -> bool:
        """Whether what is left is worth the start of the workers that are missing."""
        at_work_s = time.monotonic() - self._given_at
        if at_work_s < ALONE_S:
            return False
        if self._expected is None or not self._done:
            return True
        left_s = (self._expected - self._done) * at_work_s / self._done
        return left_s > max(ALONE_S, _STARTS * self._start_s)

    def _has_more(self) -> bool:
        """Whether a job is left to give out, in `_next` then: one to try again, or the next one read."""
        if not self._next:
            for task in self._waiting:
                self._next.extend([task] if task else [])
                return bool(self._next)
            self._all_given = True
        return bool(self._next)


def _is_over(since: float | None, seconds: float) -> bool:
    return since is not None and time.monotonic() - since >= seconds


def _is_given_up(lost: LostWorkerError, ended_at: set[str]) -> bool:
    """Whether the test at which a worker was lost is given up: it hung there, or it is the second that ended.

    The first may have been ended from outside: by a person, or for want of memory.
    """
    if not lost.test or lost.verdict is Verdict.TIMEOUT or lost.test in ended_at:
        return bool(lost.test)
    ended_at.add(lost.test)
    return False
