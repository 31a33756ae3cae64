"""The coordinator's side of a cluster: as `grading.supervisor`, with the workers on other machines.

Results are yielded as they come, and whoever grades puts them on the disk at once: that is the truth, and
the scheduler may forget everything. The instructor's own notebook runs here, in a sandbox of this machine.

CourseError: no scheduler, no Dask, a worker that refuses to work.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.cluster import certificates
from autograder.cluster.addresses import LOCAL, require_closed
from autograder.cluster.demand import Demand, new_key
from autograder.course import CourseError
from autograder.grading import protocol
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.protocol import JobResult, ProtocolError, Refused, Start
from autograder.grading.registration import support_of
from autograder.grading.results import require_result_of
from autograder.grading.supervisor import Supervisor
from autograder.grading.test_plan import Plan
from autograder.grading.workers import Given, Workers, run_alone
from autograder.verdicts import Status

MOST_LOSSES = 3  # workers that one submission may end
_ANSWER_S = 15
_BETWEEN_LOOKS_S = 0.5
_MOST_TRIES = 10  # to reach all workers, while some come and go
_NO_DASK = (
    "--dask needs a package that is not installed ({}). Install it on every machine of the cluster: "
    "python -m pip install distributed cryptography"
)
_NO_GRADER = "a machine of the cluster has no grader. Install the same two wheels on every machine."
_GONE = (
    "the cluster's scheduler is gone. What was finished is kept; start it again, and the same command goes "
    "on from there."
)
_LOST = "the cluster lost its worker three times on this submission; a person has to look at it."


@dataclass
class _Task:
    """A job on its way, and how many answers to it were none."""

    name: str
    job: bytes
    losses: int = 0
    is_alone: bool = False  # with nothing of this run beside it
    lacked_processor: bool = False  # at the first try


class ClusterSupervisor(Workers):
    """The workers of one assignment on a Dask cluster; a context manager.

    Parameters
    ----------
    address : str
        `local`, or a scheduler's: `tls://HOST:PORT`, or one on this machine.
    start : Start
        What every worker has to know.
    workers : int
        Of a local cluster.
    memo, keep_memo, plan
        As for `Workers`.
    expected : int
        How many jobs will be given, for a cluster that adapts to them.

    Raises
    ------
    CourseError
        Dask is not installed, no scheduler answers, others can reach it, or Dask's certificates do not serve.
    """

    def __init__(
        self,
        address: str,
        start: Start,
        workers: int = 1,
        memo: bytes = b"",
        keep_memo: Callable[[bytes], None] = lambda memo: None,
        plan: Plan | None = None,
        expected: int = 0,
    ) -> None:
        require_closed(address)
        super().__init__(start, memo, keep_memo, plan)
        self._files: Mapping[str, bytes] | None = None
        self._name = f"autograder-{uuid.uuid4().hex}"
        self._waiting: Iterator[Given | None] = iter(())
        self._all_given = True
        self._expected = expected  # of those that have not been taken yet
        self._again: list[_Task] = []
        self._alone: list[_Task] = []
        self._tasks: dict[Any, _Task] = {}  # by Dask's future
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._open = contextlib.ExitStack()
        self._client = self._connected(address, workers)
        self._demand = Demand(self._client)

    def close(self) -> None:
        """Let go of the cluster; what runs there for this run ends."""
        self._tasks.clear()
        self._open.close()

    @property
    def again_alone(self) -> tuple[str, ...]:
        """Names of the jobs that run again when all others are done, and of the one that does now.

        A busy machine may have failed them, or they have lost all workers but the last that they may lose.
        """
        at_work = [task for task in self._tasks.values() if task.is_alone]
        return tuple(task.name for task in (*at_work, *self._alone))

    @property
    def running(self) -> tuple[str, ...]:
        """Names of the jobs that the cluster has."""
        return tuple(task.name for task in self._tasks.values())

    def run_instructors_notebook(self, files: Mapping[str, bytes]) -> None:
        """Have the instructor's notebook run here beside `files` before the first job."""
        self._files = files

    def make_plan(self, *, remembers: bool = False) -> Plan:
        """The plan, made here from the instructor's notebook; empty if that fails.

        Parameters
        ----------
        remembers : bool
            The memo is that of the same run: there is none yet.
        """
        with Supervisor(self.start, memo=self._memo.content, keep_memo=self._remember) as here:
            if self._files is not None:
                here.run_instructors_notebook(self._files)
                self._files = None
            self._plan = here.make_plan(remembers=remembers)
        return self._plan

    def give(self, jobs: Iterable[Given | None]) -> None:
        """Begin with jobs, each under a name of its own; the next ones are taken as workers are free."""
        if self._files is not None:
            self.make_plan()
        from autograder.cluster.plugin import Ending, Sandboxes

        packages = support_of(self.start.assignment).packages
        plugin = Sandboxes(
            self._name,
            protocol.write(self.start),
            protocol.write(self._memo),
            protocol.write(self._plan),
            packages,
            engine_fingerprint(packages),
        )
        self._open.callback(self._forget)
        self._register(Ending(self._client.id, self._name))
        self._register(plugin)
        self._waiting, self._all_given = iter(jobs), False
        self._fill()

    def results(self) -> Iterator[tuple[str, JobResult]]:
        """Each job's name and result, as they come.

        Raises
        ------
        CourseError
            The scheduler is gone, or a worker refuses to work.
        """
        while self._tasks or not self._all_given:
            with contextlib.suppress(queue.Empty):
                future = self._done.get(timeout=_BETWEEN_LOOKS_S)
                task = self._tasks[future]
                result = self._result(future, task)
                self._fill()
                if result is not None:
                    yield task.name, result
            self._fill()  # workers may have joined

    def _result(self, future: Any, task: _Task) -> JobResult | None:
        """What came of a task; None where it is tried again, or not there yet."""
        result: JobResult | None
        try:
            result = answer = self._answer(future)
        except CourseError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a worker raised, or sent in place of a result
            if isinstance(error, TimeoutError) and future.status in ("pending", "lost"):
                future.add_done_callback(self._done.put)  # its worker was lost meanwhile, another one has it
                return None
            result = self._lost(task, getattr(error, "allowed_failures", 0) + 1)
        else:
            if task.is_alone and (task.lacked_processor or answer.lacked_processor):
                result = run_alone(answer)
            elif answer.lacked_processor:
                self._alone.append(_Task(task.name, task.job, is_alone=True, lacked_processor=True))
                result = None
        del self._tasks[future]
        future.release()
        return result

    def _answer(self, future: Any) -> JobResult:
        """What a worker sent, read as a stranger's."""
        is_workers = future.status == "error"  # what the task raised, or that it ended its worker
        with contextlib.nullcontext() if is_workers else self._in_words():
            answer = future.result(timeout=_ANSWER_S)
        if type(answer) is not bytes:
            raise ProtocolError(f"an answer of type {type(answer).__name__}")
        message = protocol.read(answer, JobResult, Refused)
        if isinstance(message, Refused):
            raise CourseError(f"a worker of the cluster cannot work: {message.reason}")
        assert isinstance(message, JobResult)
        require_result_of(self.start.assignment, message)
        return message

    def _lost(self, task: _Task, workers: int) -> JobResult | None:
        """A task that lost so many workers more: tried again, at last alone, or set aside."""
        task.losses += workers
        if task.losses >= MOST_LOSSES:
            return JobResult(Status.INTERNAL_ERROR, _LOST)
        task.is_alone |= task.losses == MOST_LOSSES - 1  # what ran beside it may be what ends workers
        (self._alone if task.is_alone else self._again).append(task)
        return None

    def _fill(self) -> None:
        """Give the cluster as many tasks as it has threads, one at least, and show how many still wait."""
        self._give_tasks()
        with self._in_words():
            self._demand.show(0 if self._all_given else self._expected)

    def _give_tasks(self) -> None:
        from autograder.cluster.plugin import grade

        if any(task.is_alone for task in self._tasks.values()):
            return
        threads = sum(
            one["nthreads"] for one in self._client.scheduler_info(n_workers=-1)["workers"].values()
        )
        while len(self._tasks) < max(1, threads):
            task = self._again.pop() if self._again else self._next()
            if task is None and self._alone and not self._tasks:
                task = self._alone.pop(0)
            if task is None:
                return
            with self._in_words():
                future = self._client.submit(grade, self._name, task.job, pure=False, key=new_key())
            self._tasks[future] = task
            future.add_done_callback(self._done.put)
            if task.is_alone:
                return

    def _next(self) -> _Task | None:
        for found in self._waiting:
            self._expected -= found is not None
            return found and _Task(found[0], protocol.write(found[1]))
        self._all_given = True
        return None

    def _register(self, plugin: Any) -> None:
        """Have the scheduler, or all workers, know a plugin; workers may come and go meanwhile."""
        for left in reversed(range(_MOST_TRIES)):
            try:
                self._client.register_plugin(plugin)
                return
            except ImportError as error:
                raise CourseError(_NO_GRADER) from error
            except _gone() as error:
                if not left or self._client.status != "running":
                    raise CourseError(_GONE) from error
                time.sleep(_BETWEEN_LOOKS_S)

    def _forget(self) -> None:
        """Have the workers end our sandboxes, if they are still there."""
        with contextlib.suppress(Exception):  # the scheduler may be gone, or another one
            self._client.unregister_worker_plugin(self._name)

    def _connected(self, address: str, workers: int) -> Any:
        try:
            import dask
            import distributed
        except ModuleNotFoundError as error:
            raise CourseError(_NO_DASK.format(error.name)) from error
        security = distributed.Security()  # Dask's own settings
        try:
            if address == LOCAL:
                self._open.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 0}))
                security = distributed.Security.temporary()
                address = self._open.enter_context(
                    distributed.LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,
                        host="127.0.0.1",
                        protocol="tls://",
                        security=security,
                        dashboard_address="127.0.0.1:0",
                        scheduler_kwargs={"dashboard": False},
                        silence_logs=logging.CRITICAL,
                        memory_limit=0,
                        local_directory=self._open.enter_context(tempfile.TemporaryDirectory()),
                    )
                ).scheduler_address
            certificates.require_usable(address, security)
            client = distributed.Client(
                address,
                security=security,
                timeout=_ANSWER_S,
                set_as_default=False,
                serializers=["dask", "msgpack"],
                deserializers=["dask", "msgpack"],
            )
        except ImportError as error:
            raise CourseError(_NO_DASK.format("cryptography")) from error
        except (OSError, TimeoutError, ValueError) as error:
            certificates.require_accepted(address, security, error)
            raise CourseError(
                f"--dask {address}: no scheduler answers there. Start it, or correct the address."
            ) from error
        return self._open.enter_context(client)

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except _gone() as error:
            if isinstance(error, TimeoutError):
                raise
            raise CourseError(_GONE) from error


def _gone() -> tuple[type[Exception], ...]:
    """What is raised where no scheduler answers."""
    from concurrent.futures import CancelledError

    from distributed.client import ClosedClientError

    return CancelledError, ClosedClientError, OSError
