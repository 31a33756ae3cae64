"""`--dask`: results as those of the local run, whatever becomes of the workers, and what is refused."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder import class_run, cli
from autograder.assignment import Assignment, load_assignment
from autograder.class_options import Options
from autograder.cluster.addresses import require_closed
from autograder.cluster.demand import Demand
from autograder.course import CourseError
from autograder.demo import build_course, find_example_class
from autograder.grading import protocol
from autograder.grading.defaults import LIMITS
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.protocol import Job, JobResult, Memo, Refused, Start
from autograder.grading.supervisor import WorkersError
from autograder.intake import read_folder
from autograder.verdicts import Status, SubmissionResult
from tests import small_course
from tests.small_course import NAME

ROOT = Path(__file__).resolve().parents[1]
LOST = "the cluster lost its worker three times on this submission; a person has to look at it."


@pytest.mark.parametrize(
    "address",
    ["local", "tls://10.0.0.7:8786", "tcp://127.0.0.1:8786", "127.0.0.1:8786", "localhost:8786", "tcp://[::1]:1"],
)  # fmt: skip
def test_this_machine_and_schedulers_with_certificates_may_be_named(address: str) -> None:
    require_closed(address)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.7:8786", "10.0.0.7:8786", "scheduler:8786", "tcp://0.0.0.0:8786", "ws://127.0.0.1:8786",
        "ucx://10.0.0.7:8786", "tls://", "", "tcp://127.0.0.1.evil.example:8786", "tcp://127.0.0.1@evil.example",
        "inproc://x", "LOCAL", "tcp://[::]:8786",
    ],
)  # fmt: skip
def test_every_other_address_is_refused_with_the_reason(address: str) -> None:
    with pytest.raises(CourseError) as caught:
        require_closed(address)
    assert str(caught.value) == (
        f"--dask {address!r} is refused: whoever reaches an open scheduler runs code on all of its workers. "
        "Start it with certificates and name tls://HOST:PORT (docs/cluster.md has the commands), or one on "
        "this machine: tcp://127.0.0.1:PORT, or `local`."
    )


def test_an_open_address_is_refused_before_anything_is_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = small_course.make_course(tmp_path)
    small_course.hand_in(course, "ada")
    words = ["grade", NAME, "--course", str(tmp_path), "--isolation", "none", "--dask", "tcp://10.0.0.7:8786"]
    assert cli.main(words) == cli.EXIT_USAGE
    assert "autograder grade: --dask 'tcp://10.0.0.7:8786' is refused: " in capsys.readouterr().err
    assert not list(course.results(NAME).glob("*.json"))


@pytest.mark.parametrize("package", ["distributed", "dask"])
def test_without_dask_one_sentence_says_what_to_install(
    package: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    course = small_course.make_course(tmp_path)
    small_course.hand_in(course, "ada")
    words = ["grade", NAME, "--course", str(tmp_path), "--isolation", "none", "--dask", "local"]
    assert cli.main(words) == cli.EXIT_USAGE
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("autograder grade: --dask needs a package that is not installed (")
    assert last.endswith(
        "Install it on every machine of the cluster: python -m pip install distributed cryptography"
    )


class TestOnAWorker:
    """The worker's and the scheduler's side, without a cluster."""

    @pytest.fixture(autouse=True)
    def _dask(self) -> None:
        pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")

    @staticmethod
    def sandboxes(monkeypatch: pytest.MonkeyPatch, fault: Exception, *, leaves: bool) -> Any:
        """The plugin of a worker whose supervisor fails; with `leaves` the worker leaves meanwhile."""
        from autograder.cluster import plugin

        class Failing:
            def __init__(self, *things: object, **more: object) -> None:
                self.closed = False

            def give(self, jobs: object) -> None:
                if leaves:
                    made.teardown(None)
                raise fault

            def close(self) -> None:
                self.closed = True

        monkeypatch.setattr(plugin, "Supervisor", Failing)
        monkeypatch.setattr(plugin.protocol, "read", lambda message, *kinds: Memo(b""))
        made = plugin.Sandboxes("run", b"", b"", b"", (), engine_fingerprint(()))
        made.setup(SimpleNamespace(state=SimpleNamespace(nthreads=1)))
        return made

    @pytest.mark.parametrize("fault", [WorkersError("no sandbox"), OSError("handle is closed")])
    def test_a_job_of_a_worker_that_leaves_goes_to_another(
        self, fault: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from distributed import Reschedule

        made = self.sandboxes(monkeypatch, fault, leaves=True)
        with pytest.raises(Reschedule):
            made.grade(b"")
        with pytest.raises(Reschedule):
            made.grade(b"")  # one that came too late

    def test_each_thread_of_a_worker_has_a_sandbox_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from autograder.cluster import plugin

        at_work = threading.Barrier(3, timeout=60)  # nobody goes on before three are at work

        class Meeting:
            def __init__(self, *things: object, **more: object) -> None:
                made.append(self)

            def give(self, jobs: object) -> None:
                at_work.wait()

            def results(self) -> list[tuple[str, JobResult]]:
                return [("", JobResult(Status.GRADED))]

        made: list[Meeting] = []
        monkeypatch.setattr(plugin, "Supervisor", Meeting)
        monkeypatch.setattr(plugin.protocol, "read", lambda message, *kinds: Memo(b""))
        sandboxes = plugin.Sandboxes("run", b"", b"", b"", (), engine_fingerprint(()))
        sandboxes.setup(SimpleNamespace(state=SimpleNamespace(nthreads=3)))
        assert len(made) == 3
        with ThreadPoolExecutor(3) as threads:
            answers = list(threads.map(sandboxes.grade, [b""] * 3))
        assert answers == [protocol.write(JobResult(Status.GRADED))] * 3

    def test_a_worker_with_another_engine_warms_nothing_and_says_what_must_be_equal(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from autograder.cluster import plugin

        monkeypatch.setattr(plugin, "Supervisor", None)
        made = plugin.Sandboxes("run", b"", b"", b"", (), "0" * 64)
        made.setup(SimpleNamespace(state=SimpleNamespace(nthreads=1)))
        told = (
            "the grader of this worker is not the coordinator's, or stands on other versions. Every machine "
            "needs the same two wheels, the same build of Python (python -VV), and the same versions of "
            "NumPy, matplotlib, IPython and scikit-learn: docs/cluster.md has the commands."
        )
        assert made.grade(b"") == protocol.write(Refused(told))

    def test_a_worker_that_stays_says_why_it_cannot_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = self.sandboxes(monkeypatch, WorkersError("no sandbox"), leaves=False)
        assert made.grade(b"") == protocol.write(Refused("no sandbox"))

    def test_a_scheduler_that_has_forgotten_the_run_ends_it_and_blames_no_submission(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from autograder.cluster import plugin

        monkeypatch.setattr(plugin, "get_worker", lambda: SimpleNamespace(plugins={}))
        assert plugin.grade("run", b"") == protocol.write(
            Refused("its scheduler has forgotten this run. The same command goes on from there.")
        )

    @pytest.mark.parametrize(("client", "ends"), [("ours", True), ("another", False)])
    def test_sandboxes_end_with_the_connection_of_their_coordinator(self, client: str, ends: bool) -> None:
        from autograder.cluster.plugin import Ending

        ended: list[Any] = []
        scheduler = SimpleNamespace(
            worker_plugins={"run": b""},
            remove_plugin=ended.append,
            unregister_worker_plugin="unregister",
            loop=SimpleNamespace(add_callback=lambda *call: ended.append(call)),
        )
        Ending("ours", "run").remove_client(scheduler, client)
        assert ended == (["run", ("unregister", None, "run")] if ends else [])


def test_what_waits_is_shown_and_more_jobs_than_were_expected_show_nothing() -> None:
    shown: set[Any] = set()

    def give(task: object, numbers: range, *, key: list[Any], resources: object) -> list[Any]:
        shown.update(key)
        return [SimpleNamespace(release=partial(shown.remove, one)) for one in key]

    demand = Demand(SimpleNamespace(map=give))
    counts = []
    for waiting in (3, 1, 2, -1, -2):
        demand.show(waiting)
        counts.append(len(shown))
    assert counts == [3, 1, 2, 0, 0]


class TestAPluginThatIsRegistered:
    """What the scheduler or a worker says to it."""

    @pytest.fixture(autouse=True)
    def _dask(self) -> None:
        pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")

    @staticmethod
    def register(fault: Exception) -> None:
        from autograder.cluster.supervisor import ClusterSupervisor

        def register_plugin(plugin: object) -> None:
            raise fault

        supervisor = ClusterSupervisor.__new__(ClusterSupervisor)
        supervisor._client = SimpleNamespace(register_plugin=register_plugin, status="closed")
        supervisor._register(None)

    @pytest.mark.parametrize("kind", ["CancelledError", "ClosedClientError", "OSError"])
    def test_a_scheduler_that_is_gone_is_told(self, kind: str) -> None:
        from concurrent.futures import CancelledError

        from distributed.client import ClosedClientError

        faults = {one.__name__: one for one in (CancelledError, ClosedClientError, OSError)}
        with pytest.raises(CourseError, match=r"^the cluster's scheduler is gone\."):
            self.register(faults[kind]("gone"))

    def test_a_machine_without_the_grader_is_told(self) -> None:
        told = r"^a machine of the cluster has no grader\. Install the same two wheels on every machine\.$"
        with pytest.raises(CourseError, match=told):
            self.register(ImportError("autograder"))


class TestLostWorkers:
    """What Dask tells of a job after as many lost workers as its scheduler allows, and one more."""

    @pytest.mark.parametrize("allowed", [0, 3])
    def test_four_lost_workers_told_at_once_set_a_submission_aside(self, allowed: int) -> None:
        scheduler = pytest.importorskip("distributed.scheduler", reason="Dask is not installed")
        from autograder.cluster.supervisor import ClusterSupervisor, _Task

        class Killed:
            status = "error"

            def result(self, timeout: float) -> bytes:
                raise scheduler.KilledWorker("grade", None, allowed)

            def release(self) -> None:
                pass

        supervisor = ClusterSupervisor.__new__(ClusterSupervisor)
        future, task = Killed(), _Task("ada", b"")
        supervisor._tasks, supervisor._again, supervisor._alone = {future: task}, [], []
        result = supervisor._result(future, task)
        if allowed:
            assert result == JobResult(Status.INTERNAL_ERROR, LOST)
        else:
            assert (result, supervisor._again, task.losses) == (None, [task], 1)


class TestOnACluster:
    """On a cluster of this machine; a scheduler with two workers takes some ten seconds to come up."""

    pytestmark = pytest.mark.slow

    @pytest.fixture(autouse=True)
    def _dask(self) -> None:
        pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
        pytest.importorskip("cryptography", reason="cryptography is not installed (the extra `dask`)")

    def test_the_example_class_gets_what_it_gets_locally(self, tmp_path: Path) -> None:
        example = find_example_class(ROOT)
        limits = dataclasses.replace(LIMITS, cell_s=3.0)
        graded = {}
        for dask in ("", "local"):
            course = build_course(example, tmp_path / (dask or "here"))
            options = Options(workers=2, isolation="none", limits=limits, dask=dask)
            graded[dask] = [comparable(one) for one in class_run.grade(course, "initialization", options)]
        assert graded["local"] == graded[""]
        assert len(graded[""]) == len(example.stories)

    def test_a_worker_that_is_killed_costs_nothing(self, tmp_path: Path) -> None:
        assignment, names = handed_in(tmp_path, {f"s{number}": small_course.RIGHT for number in range(8)})
        found: list[str] = []
        with cluster(assignment) as supervisor:
            supervisor.give(names)
            for name, result in supervisor.results():
                if not found:
                    os.kill(next(iter(processes(supervisor).values())), signal.SIGKILL)
                found.append(name)
                assert (result.status, sum(test.score for test in result.tests)) == (Status.GRADED, 15.0)
        assert sorted(found) == [f"s{number}" for number in range(8)]

    def test_a_cluster_that_adapts_grows_with_the_jobs_that_wait(self, tmp_path: Path) -> None:
        from distributed import LocalCluster

        from autograder.cluster.supervisor import ClusterSupervisor

        assignment, names = handed_in(tmp_path, {f"s{number}": small_course.RIGHT for number in range(8)})
        start = Start(assignment, "none", LIMITS)
        machines = LocalCluster(n_workers=0, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
        with (
            machines,
            ClusterSupervisor(machines.scheduler_address, start, expected=len(names)) as supervisor,
        ):
            scaled = machines.adapt(minimum=0, maximum=2, target_duration="1s", interval="200ms")
            supervisor.give(names)
            results = dict(supervisor.results())
        assert {result.status for result in results.values()} == {Status.GRADED}
        assert sorted(results) == [f"s{number}" for number in range(8)]
        assert max(step["n"] for _, step in scaled.log if step["status"] == "up") == 2

    def test_workers_join_and_are_let_go_and_that_costs_no_submission_a_try(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from distributed import LocalCluster

        from autograder.cluster.supervisor import ClusterSupervisor

        counted: list[str] = []
        monkeypatch.setattr(ClusterSupervisor, "_lost", lambda self, task, workers: counted.append(task.name))
        assignment, names = handed_in(tmp_path, {f"s{number}": small_course.RIGHT for number in range(8)})
        machines = LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
        found: list[str] = []
        with (
            machines,
            ClusterSupervisor(machines.scheduler_address, Start(assignment, "none", LIMITS)) as supervisor,
        ):
            [first] = processes(supervisor)
            supervisor.give(names)
            for name, result in supervisor.results():
                if not found:  # no more than one other job can have been given: what follows is the second's
                    machines.scale(2)
                    supervisor._client.wait_for_workers(2, timeout=120)
                    assert first in supervisor._client.retire_workers([first])
                found.append(name)
                assert (result.status, sum(test.score for test in result.tests)) == (Status.GRADED, 15.0)
            assert first not in processes(supervisor)
        assert sorted(found) == [f"s{number}" for number in range(8)]
        assert counted == []

    def test_what_a_busy_machine_cut_off_runs_again_alone_and_that_decides(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests.cluster_tasks import BUSY, lacking_processor

        monkeypatch.setenv(BUSY, str(tmp_path))
        monkeypatch.setattr("autograder.cluster.plugin.grade", lacking_processor)
        handed = {"first": "# BUSY AT FIRST", "each": "# BUSY EACH TIME", "zoe": "", "ada": ""}
        handed = {name: f"{text}\n{small_course.RIGHT}" for name, text in handed.items()}
        assignment, names = handed_in(tmp_path, handed)
        waited: list[tuple[str, ...]] = []
        with cluster(assignment) as supervisor:
            supervisor.give(names)
            results = {}
            for name, result in supervisor.results():
                results[name] = result
                waited.append(supervisor.again_alone)
        assert set(list(results)[:2]) == {"ada", "zoe"}  # the others come when nothing is beside them
        assert set(waited[1]) == {"first", "each"}
        assert [(results[name].alone, len(results[name].flags)) for name in handed] == [
            (True, 0), (True, 1), (False, 0), (False, 0),
        ]  # fmt: skip
        assert (
            results["each"]
            .flags[0]
            .endswith(
                "also when the submission ran alone. Grade it again (--force) when the machine is quiet."
            )
        )
        assert {result.status for result in results.values()} == {Status.GRADED}

    def test_a_submission_that_kills_its_worker_three_times_is_set_aside(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests.cluster_tasks import killed_by_its_submission

        monkeypatch.setattr("autograder.cluster.plugin.grade", killed_by_its_submission)
        handed = {"ada": small_course.RIGHT, "bad": "# KILL THE WORKER", "zoe": small_course.RIGHT}
        assignment, names = handed_in(tmp_path, handed)
        with cluster(assignment) as supervisor:
            supervisor.give(names)
            results = dict(supervisor.results())
        assert (results["bad"].status, results["bad"].reason) == (Status.INTERNAL_ERROR, LOST)
        assert list(results)[-1] == "bad"  # its last try has nothing beside it that could be guilty
        assert {results[name].status for name in ("ada", "zoe")} == {Status.GRADED}

    @pytest.mark.parametrize("task", ["pickled", "no_result"])
    def test_what_is_no_result_is_set_aside_and_nothing_is_unpickled(
        self, task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests import cluster_tasks

        monkeypatch.setattr("autograder.cluster.plugin.grade", getattr(cluster_tasks, task))
        assignment, names = handed_in(tmp_path, {"ada": small_course.RIGHT})
        with cluster(assignment) as supervisor:
            supervisor.give(names)
            results = dict(supervisor.results())
        assert (results["ada"].status, results["ada"].reason) == (Status.INTERNAL_ERROR, LOST)
        assert "UNPICKLED_BY" not in os.environ

    def test_where_no_scheduler_listens_that_is_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from autograder.cluster import supervisor as module

        monkeypatch.setattr(module, "_ANSWER_S", 1)
        assignment, _ = handed_in(tmp_path, {})
        with pytest.raises(CourseError) as caught:
            module.ClusterSupervisor("tcp://127.0.0.1:9", Start(assignment, "none", LIMITS))
        assert str(caught.value) == (
            "--dask tcp://127.0.0.1:9: no scheduler answers there. Start it, or correct the address."
        )


def comparable(result: SubmissionResult) -> dict[str, Any]:
    """A result without what differs between two local runs: times, and numbers drawn without a seed."""
    plain = result.to_dict()
    for test in plain["tests"]:
        if "the entries differ in no simple way" in test["message"]:
            test["message"] = re.sub(r"is -?[\d.e-]+;", "is NUMBER;", test["message"])
    return {
        key: value for key, value in plain.items() if key not in ("seconds", "graded_at", "parts", "alone")
    }


def handed_in(root: Path, solutions: dict[str, str]) -> tuple[Assignment, list[tuple[str, Job]]]:
    """The small assignment, and a job for each student's solution."""
    course = small_course.make_course(root)
    assignment = load_assignment(course, NAME)
    for student, text in solutions.items():
        small_course.hand_in(course, student, text)
    return assignment, [
        (name, Job(read_folder(course.submitted(name, NAME), assignment))) for name in solutions
    ]


def cluster(assignment: Assignment) -> Any:
    from autograder.cluster.supervisor import ClusterSupervisor

    return ClusterSupervisor("local", Start(assignment, "none", LIMITS), workers=2)


def processes(supervisor: Any) -> dict[str, int]:
    """The ids of the workers' processes, by address."""
    found: dict[str, int] = supervisor._client.run(os.getpid)
    return found
