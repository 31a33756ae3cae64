"""Jobs in, results out, whatever becomes of the workers: scripted ones; `test_class_run` has real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.assignment import Assignment, load_assignment
from autograder.grading import supervisor as module
from autograder.grading.defaults import LIMITS
from autograder.grading.protocol import InstructorRun, Job, JobResult, MakePlan, Memo, Start
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.grading.test_plan import Place, TestPlan
from autograder.grading.test_plan import Plan as MadePlan
from autograder.grading.worker_process import LostWorkerError, RefusedError
from autograder.intake import SubmittedFolder
from autograder.verdicts import Status, TestResult, Verdict
from tests.small_course import NAME, make_course

Step = JobResult | Memo | MadePlan | Exception | None
Plan = Callable[[Job], Step]


class ScriptedWorker:
    """Stands in for `WorkerProcess`: at once ready, and answers each job as `plan` says."""

    started: list[ScriptedWorker]
    plan: Plan
    lost_at: list[str]  # the tests at which one worker after the other ends that makes the plan
    at_start: Exception | None
    start_s: float

    def __init__(self, start: Start) -> None:
        self.connection, self._far_end = Pipe(duplex=False)
        self.ready = self.has_memo = self.has_plan = False
        self.deadline = float("inf")
        self.jobs: list[Job] = []
        self.taken: list[object] = []
        self.planned: list[MakePlan] = []
        self.ended = ""
        self._answers: list[Step] = []
        self._answer(self.at_start)
        self.started.append(self)

    @property
    def is_free(self) -> bool:
        return not self._answers

    def run_instructors_notebook(self, order: InstructorRun) -> None:
        self.has_memo = True
        self._answer(Memo(b"memo of " + b", ".join(name.encode() for name in order.files)))

    def take_memo(self, memo: Memo) -> None:
        self.has_memo = True
        self.taken.append(memo)

    def make_plan(self, order: MakePlan, runs: int) -> None:
        self.planned.append(order)
        self.has_plan = True
        if self.lost_at:
            self._answer(LostWorkerError(self.lost_at.pop(0), Verdict.INTERNAL_ERROR))
            return
        if order.remembers:
            self.has_memo = True
            self._answer(Memo(b"of the plan's run"))
        self._answer(MadePlan((TestPlan("double_two", Place.OUTSIDE),)))

    def take_plan(self, plan: MadePlan) -> None:
        self.has_plan = True

    def give(self, job: Job) -> None:
        self.jobs.append(job)
        self._answer(type(self).plan(job))

    def receive(self) -> Step:
        self.connection.recv()
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.ready = True
        return answer

    def hang_up(self) -> None:
        self.ended = "hung up"

    def end(self) -> None:
        self.ended = "ended"

    def kill(self) -> None:
        self.ended = "killed"

    def _answer(self, answer: Step) -> None:
        self._answers.append(answer)
        self._far_end.send(None)


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return load_assignment(make_course(tmp_path), NAME)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[ScriptedWorker]:
    """The workers that are started, in order; they give full points unless a test plans otherwise."""
    ScriptedWorker.started, ScriptedWorker.at_start, ScriptedWorker.lost_at = [], None, []
    ScriptedWorker.start_s = 1.0
    ScriptedWorker.plan = staticmethod(full_points)
    monkeypatch.setattr(module, "WorkerProcess", ScriptedWorker)
    return ScriptedWorker.started


def full_points(job: Job) -> JobResult:
    tests = tuple(
        TestResult(grade_id, points, points, Verdict.PASSED)
        for grade_id, points in (("double_two", 10.0), ("double_more", 5.0))
    )
    return JobResult(Status.GRADED, tests=tests, notebook=b"{}")


def job(text: bytes = b"") -> Job:
    return Job(SubmittedFolder(text, f"{NAME}.ipynb", {}, ()))


def started(assignment: Assignment, **options: Any) -> Supervisor:
    return Supervisor(Start(assignment, "none", LIMITS), **options)


def outcomes(supervisor: Supervisor, *names: str) -> dict[str, JobResult]:
    """What becomes of a job for each name."""
    with supervisor:
        supervisor.give((name, job(name.encode())) for name in names)
        return dict(supervisor.results())


def test_every_job_is_done_once_and_workers_share_them(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    names = [f"s{number}" for number in range(7)]
    found = outcomes(started(assignment, workers=3), *names)
    assert {name: result.status for name, result in found.items()} == dict.fromkeys(names, Status.GRADED)
    assert len(workers) == 3
    assert sorted(job.submitted.notebook.decode() for worker in workers for job in worker.jobs) == names
    assert min(len(worker.jobs) for worker in workers) >= 1
    assert {worker.ended for worker in workers} == {"ended"}


@pytest.mark.parametrize(("alone_s", "started_in_all"), [(1e9, 1), (0.0, 3)])
def test_further_workers_start_once_the_first_has_worked_for_a_while(
    alone_s: float,
    started_in_all: int,
    assignment: Assignment,
    workers: list[ScriptedWorker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ALONE_S", alone_s)
    supervisor = started(assignment, workers=3, at_first=1)
    assert len(workers) == 1
    assert list(outcomes(supervisor, *"abcdef").values()) == [full_points(job())] * 6
    assert len(workers) == started_in_all


@pytest.mark.parametrize(("expected", "start_s", "started_in_all"), [(6, 1.0, 2), (6, 3.0, 1), (3, 1.0, 1)])
def test_another_worker_starts_only_where_what_is_left_takes_longer_than_starts_cost(
    expected: int,
    start_s: float,
    started_in_all: int,
    assignment: Assignment,
    workers: list[ScriptedWorker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At four seconds two are done: of six, eight seconds are left, of three, two."""
    now = 100.0
    ScriptedWorker.start_s = start_s
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    with started(assignment, workers=2, at_first=1, expected=expected) as supervisor:
        supervisor.give((name, job(name.encode())) for name in "abcdef"[:expected])
        for _ in supervisor.results():
            now += 4.0
    assert len(workers) == started_in_all


def test_a_lost_worker_is_replaced_while_it_works_alone(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALONE_S", 1e9)
    lost: list[Step] = [LostWorkerError("", Verdict.CRASHED)]
    ScriptedWorker.plan = staticmethod(lambda job: lost.pop() if lost else full_points(job))
    found = outcomes(started(assignment, workers=2, at_first=1), "a", "b")
    assert {result.status for result in found.values()} == {Status.GRADED}
    assert [worker.ended for worker in workers] == ["killed", "ended"]


def test_the_next_job_is_taken_only_when_a_worker_is_free(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    taken: list[str] = []

    def jobs() -> Iterator[tuple[str, Job]]:
        for name in ("a", "b", "c"):
            taken.append(name)
            yield name, job()

    with started(assignment) as supervisor:
        supervisor.give(jobs())
        assert (taken, supervisor.running) == (["a"], ("a",))
        results = supervisor.results()
        assert next(results)[0] == "a"
        assert (taken, supervisor.running) == (["a", "b"], ("b",))
        assert [name for name, _ in results] == ["b", "c"]
        assert supervisor.running == ()


def test_where_no_job_is_there_at_the_moment_it_is_asked_again(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DEADLINE_CHECK_S", 0.0)
    coming: list[tuple[str, Job] | None] = [None, ("a", job()), None, None, ("b", job()), None]
    with started(assignment) as supervisor:
        supervisor.give(iter(coming))
        assert [name for name, _ in supervisor.results()] == ["a", "b"]
    assert len(workers) == 1


def test_workers_stay_for_the_next_jobs(assignment: Assignment, workers: list[ScriptedWorker]) -> None:
    with started(assignment) as supervisor:
        for name in ("a", "b"):
            supervisor.give([(name, job())])
            assert [found for found, _ in supervisor.results()] == [name]
        supervisor.give([])
        assert list(supervisor.results()) == []
    assert len(workers) == 1


def test_a_test_that_hangs_or_ends_two_workers_is_given_up_and_the_job_tried_again(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    def plan(job: Job) -> Step:
        if job.submitted.notebook == b"deaf" and not job.given_up:
            return LostWorkerError("double_two", Verdict.TIMEOUT)
        if job.submitted.notebook == b"deaf" and len(job.given_up) == 1:
            return LostWorkerError("double_more", Verdict.INTERNAL_ERROR)
        return full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    found = outcomes(started(assignment), "deaf", "fine")
    assert found["deaf"].status is found["fine"].status is Status.GRADED
    assert [worker.ended for worker in workers] == ["killed", "killed", "killed", "ended"]
    assert [dict(job.given_up) for job in workers[3].jobs] == [
        {"double_two": Verdict.TIMEOUT, "double_more": Verdict.INTERNAL_ERROR},
        {},
    ]


def test_a_worker_that_is_killed_at_a_test_costs_no_test(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    def plan(job: Job) -> Step:
        killed = LostWorkerError("double_two", Verdict.INTERNAL_ERROR)
        return killed if len(workers) == 1 else full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    assert outcomes(started(assignment), "only") == {"only": full_points(job())}
    assert [dict(job.given_up) for job in workers[1].jobs] == [{}]


@pytest.mark.parametrize(
    ("lost", "left_out"),
    [
        ([""], {}),
        ([""] * 2, None),
        (["double_two"], {}),
        (["double_two"] * 2, {"double_two": Verdict.INTERNAL_ERROR}),
        (
            ["double_two", "double_two", "double_more", "double_more"],
            dict.fromkeys(("double_two", "double_more"), Verdict.INTERNAL_ERROR),
        ),
    ],
)
def test_a_plan_is_made_again_when_its_worker_is_killed_without_a_test_that_ends_two(
    assignment: Assignment,
    workers: list[ScriptedWorker],
    lost: list[str],
    left_out: dict[str, Verdict] | None,
) -> None:
    ScriptedWorker.lost_at = list(lost)
    with started(assignment) as supervisor:
        plan = supervisor.make_plan()
    assert len(workers) == (len(lost) if left_out is None else len(lost) + 1)
    assert bool(plan.tests) == (left_out is not None)
    assert dict(workers[-1].planned[0].given_up) == (left_out or {})


def test_a_job_that_loses_two_workers_at_no_test_is_set_aside_and_the_others_go_on(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    def plan(job: Job) -> Step:
        lost = job.submitted.notebook == b"bad"
        return LostWorkerError("", Verdict.INTERNAL_ERROR) if lost else full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    found = outcomes(started(assignment), "bad", "fine")
    assert found["bad"] == JobResult(
        Status.INTERNAL_ERROR,
        "the grader's process was lost twice on this submission; a person has to look at it.",
    )
    assert found["fine"].status is Status.GRADED
    assert [worker.ended for worker in workers] == ["killed", "killed", "ended"]


def test_the_last_job_is_tried_again_too(assignment: Assignment, workers: list[ScriptedWorker]) -> None:
    def plan(job: Job) -> Step:
        return full_points(job) if len(workers) > 1 else LostWorkerError("", Verdict.INTERNAL_ERROR)

    ScriptedWorker.plan = staticmethod(plan)
    assert outcomes(started(assignment), "only")["only"].status is Status.GRADED


def test_what_a_busy_machine_may_have_failed_runs_again_once_when_all_else_is_done(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    order: list[str] = []

    def plan(job: Job) -> Step:
        name = job.submitted.notebook.decode()
        order.append(name)
        return replace(full_points(job), lacked_processor=name == "b" or order.count(name) < name.count("a"))

    ScriptedWorker.plan = staticmethod(plan)
    with started(assignment, workers=2) as supervisor:
        supervisor.give((name, job(name.encode())) for name in ("aa", "b", "c", "d"))
        assert supervisor.again_alone == ()
        seen = [(name, result, supervisor.running) for name, result in supervisor.results()]
    assert sorted(order[:4]) == ["aa", "b", "c", "d"]
    assert sorted(order[4:]) == ["aa", "b"]  # each once more, whatever becomes of it
    found = {name: result for name, result, _ in seen}
    assert {name: result.alone for name, result in found.items()} == {
        "aa": True, "b": True, "c": False, "d": False
    }  # fmt: skip
    assert all(len(running) <= 1 for name, _, running in seen if name in ("aa", "b"))
    assert (found["aa"].flags, found["b"].flags) == (
        (),
        (
            "The clock ended a cell or test while other programs kept this machine busy, also when the "
            "submission ran alone. Grade it again (--force) when the machine is quiet.",
        ),
    )


def test_what_runs_again_is_alone_also_where_another_job_comes_then(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DEADLINE_CHECK_S", 0.0)
    given: list[tuple[str, tuple[str, ...]]] = []  # each job, and what was being done then

    def plan(job: Job) -> Step:
        given.append((job.submitted.notebook.decode(), supervisor.running))
        return replace(full_points(job), lacked_processor=len(given) == 1)

    ScriptedWorker.plan = staticmethod(plan)

    def coming() -> Iterator[tuple[str, Job] | None]:
        yield "a", job(b"a")
        while not supervisor.again_alone:
            yield None
        yield None
        yield "b", job(b"b")

    with started(assignment, workers=2) as supervisor:
        supervisor.give(coming())
        assert {name: result.alone for name, result in supervisor.results()} == {"a": True, "b": False}
    assert given == [("a", ()), ("a", ()), ("b", ())]


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_what_is_to_run_alone_waits_for_the_others_and_they_for_it(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    given: list[tuple[str, tuple[str, ...]]] = []

    def plan(job: Job) -> Step:
        given.append((job.submitted.notebook.decode(), supervisor.running))
        return full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    with started(assignment, workers=2) as supervisor:
        supervisor.give((name, job(name.encode()), name == "alone") for name in ("a", "b", "alone", "c", "d"))
        found = dict(supervisor.results())
    place = [name for name, _ in given].index("alone")
    assert (place, given[place][1], given[place + 1][1]) == (2, (), ())
    assert [name for name, result in found.items() if result.alone] == ["alone"]


@pytest.mark.parametrize("hangs", ["other", "alone"])
def test_what_hangs_beside_a_job_that_runs_alone_or_is_one_holds_up_nobody_for_long(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    clock = Hands()
    monkeypatch.setattr(module, "time", clock)
    held: list[ScriptedWorker] = []
    done: list[str] = []
    moments: dict[str, float] = {}

    def looks(self: Supervisor) -> list[ScriptedWorker]:
        clock.now += 1.0
        ready = [one for one in self._workers if not one.is_free and one not in held]
        held.extend(one for one in ready if one.jobs and one.jobs[-1].submitted.notebook.decode() == hangs)
        if len(done) == 3:  # all but the one that hangs
            held.clear()
        return [one for one in ready if one not in held]

    def plan(job: Job) -> Step:
        moments[job.submitted.notebook.decode()] = clock.now
        return full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    monkeypatch.setattr(Supervisor, "_with_news", looks)
    with started(assignment, workers=2) as supervisor:
        names = ("other", "alone", "c", "d")
        supervisor.give((name, job(name.encode()), name == "alone") for name in names)
        for name, _ in supervisor.results():
            done.append(name)
    assert done == [name for name in (*names,) if name != hangs] + [hangs]
    assert moments["alone"] - moments["other"] <= module.DRAIN_S + 2.0
    assert moments["c"] - moments["alone"] <= module.HOLD_S + 2.0


@pytest.mark.parametrize("runs_again", [True, False])
@pytest.mark.parametrize("hangs", ["other", "alone"])
def test_what_had_others_beside_it_is_not_said_to_have_run_alone(
    assignment: Assignment,
    workers: list[ScriptedWorker],
    monkeypatch: pytest.MonkeyPatch,
    hangs: str,
    runs_again: bool,
) -> None:
    clock = Hands()
    monkeypatch.setattr(module, "time", clock)
    done: list[str] = []

    def looks(self: Supervisor) -> list[ScriptedWorker]:
        clock.now += 1.0
        ready = [one for one in self._workers if not one.is_free]
        held = [one for one in ready if one.jobs and one.jobs[-1].submitted.notebook.decode() == hangs]
        return [one for one in ready if one not in held or len(done) == 2]

    def plan(job: Job) -> Step:
        return replace(full_points(job), lacked_processor=job.submitted.notebook == b"alone")

    ScriptedWorker.plan = staticmethod(plan)
    monkeypatch.setattr(Supervisor, "_with_news", looks)
    found = {}
    with started(assignment, workers=2, runs_again=runs_again) as supervisor:
        names = ("other", "alone", "c")
        supervisor.give((name, job(name.encode()), name == "alone") for name in names)
        for name, result in supervisor.results():
            done.append(name)
            found[name] = result
    assert [name for name, result in found.items() if result.alone] == []
    said = " ".join(found["alone"].flags)
    assert ("also when the submission ran again." in said, "alone" in said) == (runs_again, False)


@pytest.mark.parametrize("after_s", [50.0, 70.0])
def test_what_runs_alone_and_loses_its_worker_holds_up_the_others_no_longer_and_waits_for_none(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch, after_s: float
) -> None:
    clock = Hands()
    monkeypatch.setattr(module, "time", clock)
    begun: dict[str, list[float]] = {"alone": [], "c": [], "d": []}
    takes_s = {"alone": after_s, "c": 150.0, "d": 0.0}

    def looks(self: Supervisor) -> list[ScriptedWorker]:
        clock.now += 1.0
        ready = [one for one in self._workers if not one.is_free]
        return [one for one in ready if not one.jobs or is_over(one.jobs[-1].submitted.notebook.decode())]

    def is_over(name: str) -> bool:
        return clock.now - begun[name][-1] >= takes_s[name]

    def plan(job: Job) -> Step:
        name = job.submitted.notebook.decode()
        begun[name].append(clock.now)
        is_lost = name == "alone" and len(begun[name]) == 1
        return LostWorkerError("", Verdict.INTERNAL_ERROR) if is_lost else full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    monkeypatch.setattr(Supervisor, "_with_news", looks)
    with started(assignment, workers=2) as supervisor:
        supervisor.give((name, job(name.encode()), name == "alone") for name in begun)
        found = dict(supervisor.results())
    first, second = begun["alone"]
    assert after_s <= second - first <= after_s + 3.0
    assert module.HOLD_S <= begun["c"][0] - first <= module.HOLD_S + 2.0
    assert not found["alone"].alone  # another one was beside it


def test_a_machine_that_is_busy_when_it_runs_again_too_is_told_of_a_test_that_is_given_up(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Pressure, "was_busy", lambda self: True)

    def plan(job: Job) -> Step:
        return full_points(job) if job.given_up else LostWorkerError("double_two", Verdict.TIMEOUT)

    ScriptedWorker.plan = staticmethod(plan)
    found = outcomes(started(assignment), "only")["only"]
    assert (found.alone, len(found.flags)) == (True, 1)


def test_a_test_that_was_given_up_on_a_busy_machine_runs_again_too(
    assignment: Assignment, workers: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Pressure, "was_busy", lambda self: True)
    lost: list[Step] = [LostWorkerError("double_two", Verdict.TIMEOUT)]
    given_up: list[dict[str, Verdict]] = []

    def plan(job: Job) -> Step:
        given_up.append(dict(job.given_up))
        return lost.pop() if lost else full_points(job)

    ScriptedWorker.plan = staticmethod(plan)
    assert outcomes(started(assignment), "only")["only"].alone
    assert given_up == [{}, {"double_two": Verdict.TIMEOUT}, {}]


def test_who_asks_for_it_is_told_that_the_processor_lacked_and_runs_it_again(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    ScriptedWorker.plan = staticmethod(lambda job: replace(full_points(job), lacked_processor=True))
    found = outcomes(started(assignment, runs_again=False), "only")["only"]
    assert (found.lacked_processor, found.alone, len(workers[0].jobs)) == (True, False, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        JobResult(Status.GRADED, notebook=b"{}"),
        JobResult(Status.GRADED, tests=full_points(job()).tests[:1], notebook=b"{}"),
        JobResult(
            Status.GRADED,
            tests=(
                TestResult("double_two", 10.5, 10.0, Verdict.PASSED),
                TestResult("double_more", 5.0, 5.0, Verdict.PASSED),
            ),
            notebook=b"{}",
        ),
        JobResult(Status.GRADED, tests=full_points(job()).tests),
        JobResult(Status.REJECTED, notebook=b"{}"),
        JobResult(Status.REJECTED, untouched=("other",)),
        JobResult(Status.REJECTED, files={"../gradebook.db": b""}),
    ],
)
def test_a_result_that_cannot_be_of_this_assignment_counts_as_a_lost_worker(
    assignment: Assignment, workers: list[ScriptedWorker], wrong: JobResult
) -> None:
    ScriptedWorker.plan = staticmethod(lambda job: wrong)
    assert outcomes(started(assignment), "ada")["ada"].status is Status.INTERNAL_ERROR
    assert [worker.ended for worker in workers] == ["killed", "killed"]


def test_the_memo_of_the_instructors_run_reaches_the_other_workers_and_the_caller(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    kept: list[bytes] = []
    with started(assignment, workers=2, keep_memo=kept.append) as supervisor:
        supervisor.run_instructors_notebook({"data.csv": b"1"})
        for _ in range(3):
            supervisor.give([("a", job()), ("b", job())])
            assert len(list(supervisor.results())) == 2
    assert kept == [b"memo of data.csv"]
    assert [worker.taken for worker in workers] == [[], [Memo(b"memo of data.csv")]]


def test_the_run_that_makes_the_plan_gives_the_memo_where_there_is_none(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    kept: list[bytes] = []
    with started(assignment, workers=2, keep_memo=kept.append) as supervisor:
        assert supervisor.make_plan(remembers=True).of("double_two")
        supervisor.give([("a", job()), ("b", job())])
        assert len(list(supervisor.results())) == 2
    assert kept == [b"of the plan's run"]
    assert [worker.planned for worker in workers] == [[MakePlan(remembers=True)], []]
    assert [worker.taken for worker in workers] == [[], [Memo(b"of the plan's run")]]


def test_the_worker_that_makes_the_plan_has_the_memo_of_an_earlier_run_first(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    with started(assignment, memo=b"old") as supervisor:
        supervisor.make_plan(remembers=False)
    assert [(worker.taken, worker.planned) for worker in workers] == [([Memo(b"old")], [MakePlan()])]


def test_a_memo_of_an_earlier_run_is_sent_to_each_worker_once(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    outcomes(started(assignment, memo=b"old"), "a", "b")
    assert [worker.taken for worker in workers] == [[Memo(b"old")]]


def test_a_worker_that_refuses_or_ends_before_it_is_ready_stops_the_run(
    assignment: Assignment, workers: list[ScriptedWorker]
) -> None:
    ScriptedWorker.at_start = RefusedError("no namespaces.")
    with pytest.raises(WorkersError) as caught:
        outcomes(started(assignment), "ada")
    assert str(caught.value) == (
        "no sandbox of tier 'none': no namespaces. `autograder doctor` shows what this machine can enforce."
    )
    ScriptedWorker.at_start = LostWorkerError("", Verdict.INTERNAL_ERROR)
    with pytest.raises(WorkersError, match="a worker ended before it was ready; `autograder doctor` shows"):
        outcomes(started(assignment), "ada")
