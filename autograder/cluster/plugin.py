"""What runs on a worker of the cluster: one supervisor with a warm sandbox for each thread, and the task.

Task and result are bytes of `grading.protocol`; nothing of a student's is pickled. A worker knows no course.
"""

from __future__ import annotations

import queue
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.grading import protocol
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.protocol import Job, Memo, Refused, Start
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.grading.test_plan import Plan

_OTHER_VERSION = (
    "the grader of this worker is not the coordinator's. Install the same two wheels on every machine."
)


class Sandboxes(WorkerPlugin):  # type: ignore[misc]  # optional: mypy does not look into it
    """Sandboxes for one notebook of an assignment, as many as the worker has threads.

    Parameters
    ----------
    name : str
        Of this run and notebook; no other has it.
    start, memo, plan : bytes
        Messages of `protocol`, as a local supervisor would send them to its workers.
    packages : tuple of str
        Packages that the assignment registers: a worker must have the same.
    engine : str
        The coordinator's `engine_fingerprint(packages)`.
    """

    def __init__(
        self, name: str, start: bytes, memo: bytes, plan: bytes, packages: tuple[str, ...], engine: str
    ) -> None:
        self.name = name
        self._start, self._memo, self._plan = start, memo, plan
        self._packages, self._engine = packages, engine
        self._refusal = ""
        self._free: queue.SimpleQueue[Supervisor] | None = None
        self._all: list[Supervisor] = []

    def setup(self, worker: Any) -> None:
        """Begin to warm a sandbox for each thread of the worker."""
        if engine_fingerprint(self._packages) != self._engine:
            self._refusal = _OTHER_VERSION
            return
        start = protocol.read(self._start, Start)
        memo = protocol.read(self._memo, Memo).content
        plan = protocol.read(self._plan, Plan)
        self._free = queue.SimpleQueue()
        for _ in range(worker.state.nthreads):
            supervisor = Supervisor(start, workers=1, runs_again=False, memo=memo, plan=plan)
            self._all.append(supervisor)
            self._free.put(supervisor)

    def teardown(self, worker: Any) -> None:
        """End the sandboxes."""
        while self._all:
            self._all.pop().close()

    def grade(self, job: bytes) -> bytes:
        """The `JobResult` of one `Job`, or `Refused` where this machine cannot work; bytes in, bytes out."""
        if self._refusal or self._free is None:
            return protocol.write(Refused(self._refusal))
        supervisor = self._free.get()
        try:
            supervisor.give([("", protocol.read(job, Job))])
            [(_, result)] = supervisor.results()
        except WorkersError as error:
            return protocol.write(Refused(str(error)))
        finally:
            self._free.put(supervisor)
        return protocol.write(result)


def grade(name: str, job: bytes) -> bytes:
    """The task: have the plugin of this name grade one submission, on whatever worker this is."""
    plugin: Sandboxes = get_worker().plugins[name]
    return plugin.grade(job)
